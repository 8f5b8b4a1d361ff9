import { beforeEach, describe, expect, test, vi } from "vitest";
import { PagePane, textAt, type Box } from "./page-pane";

describe("the pages", () => {
  beforeEach(() => sessionStorage.clear());

  test("keep their place for each page and replace pictures only", () => {
    const box = document.createElement("div");
    const pane = new PagePane(box, { page: "Page {page}", jump: "Where {name} is" }, vi.fn());
    pane.show([[595, 842], [595, 842]], { 1: "AAAA" }, true);
    const first = box.children[0];
    pane.show([[595, 842]], { 1: "BBBB" }, true);
    expect(box.children[0]).toBe(first);
    expect(box.children).toHaveLength(1);
    expect(first?.querySelector("img")?.src).toBe("data:image/jpeg;base64,BBBB");
    expect(first?.querySelector("img")?.alt).toBe("Page 1");
  });

  test("say what was pressed, and go from value to value by the arrows", () => {
    const picked = vi.fn();
    const box = document.createElement("div");
    document.body.append(box);
    const pane = new PagePane(box, { page: "Page {page}", jump: "Where {name} is" }, picked);
    pane.show([[595, 842]], {}, true);
    pane.mark([[1, 0.1, 0.1, 0.2, 0.02, "slot/number"], [1, 0.1, 0.2, 0.2, 0.02, "word/due"]], []);
    box.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight" }));
    expect((document.activeElement as HTMLElement).dataset["what"]).toBe("slot/number");
    (document.activeElement as HTMLElement).click();
    expect(picked).toHaveBeenCalledWith("slot/number");
    expect(pane.point("word/due")).toBe(true);
    expect(pane.point("slot/nowhere")).toBe(false);
    box.remove();
  });

  test("know the call that a value comes from, and light every place of the value", () => {
    const picked = vi.fn();
    const box = document.createElement("div");
    const pane = new PagePane(box, { page: "Page {page}", jump: "Where {name} is" }, picked);
    pane.show([[595, 842]], {}, true);
    const at = "slot/totals.gross@main.typ";
    pane.mark([[1, 0.1, 0.1, 0.2, 0.02, `${at}:82:4`], [1, 0.1, 0.2, 0.2, 0.02, `${at}:122:9`], [1, 0, 0, 1, 1, "slot/a|b"]], []);
    const [first, second, either] = box.querySelectorAll<HTMLElement>(".st-mark");
    expect(first?.title).toBe("totals.gross");
    expect(either?.title).toBe("a / b");
    second?.click();
    expect(picked).toHaveBeenCalledWith(`${at}:122:9`);
    expect(pane.point(`${at}:122:9`)).toBe(true);
    expect(first?.hasAttribute("data-lit")).toBe(true);
  });

  test("find the run of text at a place, on its page alone", () => {
    const runs: Box[] = [[1, 0.1, 0.1, 0.3, 0.02, "IBAN"], [2, 0.1, 0.1, 0.3, 0.02, "BIC"]];
    expect(textAt(runs, 1, 0.2, 0.11)).toBe("IBAN");
    expect(textAt(runs, 2, 0.2, 0.11)).toBe("BIC");
    expect(textAt(runs, 1, 0.8, 0.8)).toBe("");
  });
});
