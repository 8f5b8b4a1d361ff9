import { beforeEach, describe, expect, it, vi } from "vitest";
import { read } from "./rich-dom";
import { putTree, toggleList } from "./rich-edit";
import { addressOf } from "./rich-link";
import { sourceOf, treeOf } from "./rich-source";
import { limited, tidy } from "./rich-tidy";
import { RichText } from "./rich-text";

const SAYS = { field: "merge field {name}", block: "Content block {name}" };

function placed(source: string, more = ""): { rich: RichText; field: HTMLTextAreaElement; area: HTMLElement } {
  document.body.innerHTML = `<form><label for="t">Text</label>
    <rich-text fields="customer.name number" say-field="merge field {name}" say-unread="Line {line} is open." ${more}>
      <template data-bar><div role="toolbar"><button type="button" data-do="strong"></button><button type="button" data-do="ul"></button><button type="button" data-do="undo"></button><button type="button" data-do="source"></button></div><p data-unread hidden><span data-said></span></p></template>
      <textarea id="t" name="text" required></textarea></rich-text></form>`;
  const field = document.querySelector("textarea") as HTMLTextAreaElement;
  const rich = document.querySelector("rich-text") as RichText;
  field.value = source;
  rich.remove();
  document.querySelector("form")?.append(rich);
  field.dispatchEvent(new Event("input", { bubbles: true }));
  return { rich, field, area: document.querySelector(".rt-area") as HTMLElement };
}

function foreign(html: string): string {
  return sourceOf(tidy(read(new DOMParser().parseFromString(html, "text/html").body)));
}

describe("<rich-text>", () => {
  beforeEach(() => document.body.replaceChildren());

  it("shows what the textarea says and changes nothing of it", () => {
    // given a source that is not written as we would write it
    const { field, area } = placed("• Pay **at once**, {{customer.name}}\n1) no");
    // then it is shown, and stays as it was typed
    expect(field.value).toBe("• Pay **at once**, {{customer.name}}\n1) no");
    expect(area.querySelector("ul li strong")?.textContent).toBe("at once");
    expect(area.querySelector("[data-field]")?.textContent).toBe("merge field customer name");
    expect([area.getAttribute("role"), area.getAttribute("aria-labelledby"), area.getAttribute("aria-required")]).toEqual(["textbox", "t-rich-label", "true"]);
    expect(field.getAttribute("aria-hidden")).toBe("true");
  });

  it("follows whoever sets the textarea, and tells the form what is written here", () => {
    const { rich, field, area } = placed("Old");
    const heard = vi.fn();
    document.querySelector("form")?.addEventListener("input", heard);
    // when a form that was kept is put back
    field.value = "New, [here](https://a.example)";
    field.dispatchEvent(new Event("input", { bubbles: true }));
    expect(area.querySelector("a")?.getAttribute("href")).toBe("https://a.example");
    // and when a field is put in
    heard.mockClear();
    getSelection()?.selectAllChildren(area.firstElementChild as Node);
    getSelection()?.collapseToEnd();
    rich.insertField("number");
    expect(field.value).toContain("{{ number }}");
    expect(heard).toHaveBeenCalledTimes(1);
  });

  it("shows a source that it cannot read as it was typed, and says the line", () => {
    const { rich, field, area } = placed("Fine.\n\nOpen **here");
    expect(rich.hasAttribute("raw") && area.hidden).toBe(true);
    expect(field.hasAttribute("aria-hidden")).toBe(false);
    expect(document.querySelector("[data-said]")?.textContent).toBe("Line 3 is open.");
  });

  it("never makes markup of a text", () => {
    const { area } = placed("<img src=x onerror=alert(1)> & <b>not bold</b>");
    expect(area.querySelector("img, b")).toBeNull();
    expect(area.textContent).toContain("<img src=x onerror=alert(1)>");
  });

  it("undoes what was put in", () => {
    const { rich, field, area } = placed("Dear ");
    getSelection()?.setPosition(area.firstElementChild?.firstChild as Node, 4);
    rich.insertField("customer.name");
    expect(field.value).toBe("Dear{{ customer.name }}");
    document.querySelector<HTMLElement>("[data-do=undo]")?.click();
    expect(field.value).toBe("Dear");
  });

  it("takes a field away whole, by one key, whatever stands invisibly behind it", () => {
    const { rich, field, area } = placed("Dear ");
    getSelection()?.setPosition(area.firstElementChild?.firstChild as Node, 4);
    rich.insertField("customer.name");
    area.dispatchEvent(new KeyboardEvent("keydown", { key: "Backspace", bubbles: true, cancelable: true }));
    expect(field.value).toBe("Dear");
    document.querySelector<HTMLElement>("[data-do=undo]")?.click();
    expect(field.value).toBe("Dear{{ customer.name }}");
  });

  it("has no button for what the text may not hold", () => {
    placed("Plain", 'marks="strong"');
    expect([...document.querySelectorAll<HTMLElement>("[data-do]")].map((one) => one.dataset["do"])).toEqual(["strong", "undo", "source"]);
  });
});

describe("what is pasted", () => {
  it("keeps what the source has words for, and nothing else", () => {
    expect(foreign('<h1 style="color:red">Head</h1><p>x <b>bold</b><script>bad()</script> <a href="javascript:bad()">no</a> <a href="https://ok.example">ok</a></p><ul><li>i<li><p>j</p></ul>')).toBe(
      "Head\n\nx **bold** no [ok](https://ok.example)\n\n- i\n- j",
    );
    expect(foreign('<b style="font-weight:normal"><p>Not <span style="font-weight:700">this</span> <span style="font-style:italic">that</span></p></b>')).toBe("Not **this** *that*");
    expect(foreign('<p><span data-field="customer.name">merge field customer name</span>, <span data-field="a b">x</span></p>')).toBe("{{ customer.name }}, x");
    expect(sourceOf(tidy(limited(treeOf("**a**\n\n- b"), new Set(["list"]))))).toBe("a\n\n- b");
  });

  it("parts the paragraph where it comes in", () => {
    const area = document.createElement("div");
    document.body.append(area);
    const row = document.createElement("p");
    row.textContent = "before after";
    area.append(row);
    getSelection()?.setPosition(row.firstChild, 7);
    putTree(area, treeOf("one\n\n- two"), SAYS);
    expect(sourceOf(tidy(read(area)))).toBe("before\n\none\n\n- two\n\nafter");
  });
});

describe("lists", () => {
  it("are made of paragraphs, changed, and taken apart again", () => {
    const area = document.createElement("div");
    document.body.append(area);
    for (const text of ["one", "two", "three"]) {
      const row = document.createElement("p");
      row.textContent = text;
      area.append(row);
    }
    const choose = (from: number, to: number): void => {
      const rows = area.querySelectorAll("p, li");
      getSelection()?.setBaseAndExtent(rows[from]?.firstChild as Node, 0, rows[to]?.firstChild as Node, 1);
    };
    choose(0, 1);
    toggleList(area, "ul");
    expect(sourceOf(tidy(read(area)))).toBe("- one\n- two\n\nthree");
    choose(0, 0);
    toggleList(area, "ol");
    expect(sourceOf(tidy(read(area)))).toBe("1. one\n2. two\n\nthree");
    choose(0, 0);
    toggleList(area, "ol");
    expect(sourceOf(tidy(read(area)))).toBe("one\n\n1. two\n\nthree");
  });
});

describe("the address of a link", () => {
  it("is what was meant, or nothing", () => {
    expect(["www.house.example/a(b)", "post@house.example", "https://x.example", "javascript:alert(1)", "nonsense", "tel:+46405550190"].map(addressOf)).toEqual([
      "https://www.house.example/a%28b%29",
      "mailto:post@house.example",
      "https://x.example",
      "",
      "",
      "tel:+46405550190",
    ]);
  });
});
