export type Theme = "day" | "night" | "auto";

/** Applies and keeps a theme; `auto` follows the system. */
export function applyTheme(theme: Theme): void {
  const root = document.documentElement;
  if (theme === "auto") delete root.dataset["theme"];
  else root.dataset["theme"] = `postroom-${theme}`;
  try {
    localStorage.setItem("postroom-theme", theme);
  } catch {
    // storage may be blocked: the choice then lasts until the next page
  }
}

export function keptTheme(): Theme {
  try {
    const kept = localStorage.getItem("postroom-theme");
    return kept === "day" || kept === "night" ? kept : "auto";
  } catch {
    return "auto";
  }
}

/** `<theme-switch>` around three `button[data-theme-choice]`. Hidden until this script runs. */
export class ThemeSwitch extends HTMLElement {
  connectedCallback(): void {
    this.hidden = false;
    this.addEventListener("click", this.choose);
    this.show();
  }

  disconnectedCallback(): void {
    this.removeEventListener("click", this.choose);
  }

  private choose = (event: Event): void => {
    const choice = (event.target as Element).closest<HTMLElement>("[data-theme-choice]")?.dataset["themeChoice"];
    if (choice !== "day" && choice !== "night" && choice !== "auto") return;
    applyTheme(choice);
    this.show();
  };

  private show(): void {
    const now = keptTheme();
    for (const button of this.querySelectorAll<HTMLElement>("[data-theme-choice]")) {
      button.setAttribute("aria-pressed", String(button.dataset["themeChoice"] === now));
    }
  }
}

customElements.define("theme-switch", ThemeSwitch);
