import { expect, test, vi } from "vitest";
import "./copy-text";
import "./live-region";

test("it shows itself, copies the named element's text and says so", async () => {
  const written: string[] = [];
  vi.stubGlobal("navigator", { clipboard: { writeText: async (text: string) => void written.push(text) } });
  document.body.innerHTML =
    '<live-region></live-region><p id="tell"> We e-mailed it. </p><copy-text from="tell" said="Copied" hidden><button><span data-word>Copy</span></button></copy-text>';
  const element = document.querySelector<HTMLElement>("copy-text");
  expect(element?.hidden).toBe(false);
  element?.querySelector("button")?.click();
  await vi.waitFor(() => expect(document.querySelector("[data-word]")?.textContent).toBe("Copied"));
  expect(written).toEqual(["We e-mailed it."]);
  expect(document.querySelector("live-region")?.textContent).toBe("Copied");
});
