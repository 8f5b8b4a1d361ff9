/** What one types in instead of the textarea: named, described and locked as the textarea is. */
export function areaOf(field: HTMLTextAreaElement, onLabel: (event: Event) => void): HTMLElement {
  const area = document.createElement("div");
  area.className = "rt-area";
  area.id = `${field.id || field.name || "text"}-rich`;
  area.contentEditable = field.readOnly || field.disabled ? "false" : "true";
  area.setAttribute("role", "textbox");
  area.setAttribute("aria-multiline", "true");
  area.setAttribute("aria-autocomplete", "list");
  if (field.readOnly) area.setAttribute("aria-readonly", "true");
  area.tabIndex = 0;
  area.spellcheck = field.spellcheck;
  if (field.lang) area.lang = field.lang;
  area.dir = field.dir || "auto";
  for (const name of ["aria-describedby", "aria-invalid", "aria-label", "aria-required"]) {
    const value = field.getAttribute(name);
    if (value) area.setAttribute(name, value);
  }
  if (field.required) area.setAttribute("aria-required", "true");
  named(area, field, onLabel);
  return area;
}

/** The labels of the textarea name the area too, and lead to it. */
function named(area: HTMLElement, field: HTMLTextAreaElement, onLabel: (event: Event) => void): void {
  const labels = [...(field.labels ?? [])];
  labels.forEach((label, index) => {
    label.id ||= `${area.id}-label${index || ""}`;
    label.addEventListener("click", onLabel);
  });
  if (labels.length) area.setAttribute("aria-labelledby", labels.map((one) => one.id).join(" "));
}
