import { describe, expect, it } from "vitest";
import { Faults } from "./faults";

describe("what is to be mended", () => {
  it("is told once, though page and check both found it", () => {
    // given the same fault from the page and from the last check, and another one
    const list = document.createElement("ol");
    const count = document.createElement("h2");
    const faults = new Faults(list, count, { faults: "{n} to mend", none: "Nothing to mend" });
    const one = { file: "main.html", line: 33, what: "Expected an expression.", hint: "Mend it.", path: "" };
    faults.live = [one, { ...one }];
    faults.checked = [{ ...one }, { ...one, line: 4 }];
    // when they are shown
    faults.show();
    // then each stands once, with its place to go to
    expect([...list.querySelectorAll<HTMLElement>("[data-go]")].map((go) => go.dataset["go"])).toEqual(["main.html:33:1:0", "main.html:4:1:0"]);
    expect(count.textContent).toBe("2 to mend");
    // and none is none
    faults.live = faults.checked = [];
    faults.show();
    expect([list.children.length, count.textContent]).toEqual([0, "Nothing to mend"]);
  });
});
