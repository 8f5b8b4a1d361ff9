import { beforeEach, describe, expect, it, vi } from "vitest";
import "./insert-field";

const PAGE = `<form><insert-field><button type="button" data-path="customer.name">customer.name</button></insert-field>
  <textarea id="one">Dear , hello</textarea><textarea id="two" readonly>kept</textarea></form>`;

describe("insert-field", () => {
  beforeEach(() => {
    document.body.innerHTML = PAGE;
  });

  it("puts the field in at the caret of the text that was written in last", () => {
    const text = document.querySelector<HTMLTextAreaElement>("#one")!;
    const told = vi.fn();
    text.addEventListener("input", told);
    text.focus();
    text.setSelectionRange(5, 5);
    document.querySelector<HTMLButtonElement>("button")!.click();
    expect(text.value).toBe("Dear {{ customer.name }}, hello");
    expect(told).toHaveBeenCalledOnce();
    expect(document.activeElement).toBe(text);
  });

  it("takes the first text that can be written in when none was", () => {
    document.querySelector<HTMLButtonElement>("button")!.click();
    expect(document.querySelector<HTMLTextAreaElement>("#one")!.value).toContain("{{ customer.name }}");
    expect(document.querySelector<HTMLTextAreaElement>("#two")!.value).toBe("kept");
  });

  it("shows once it works, and goes without a trace", () => {
    const element = document.querySelector("insert-field")!;
    expect(element.hasAttribute("ready")).toBe(true);
    element.remove();
    expect(document.querySelector("textarea")!.value).toBe("Dear , hello");
  });
});
