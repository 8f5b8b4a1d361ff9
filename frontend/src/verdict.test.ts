import { expect, test } from "vitest";
import { judge, pollRests } from "./verdict";

const poll = (inside = ""): Element => {
  document.body.innerHTML = `<div data-poll>${inside}</div><div id="other"></div>`;
  return document.querySelector("[data-poll]") ?? document.body;
};

test("a poll rests while nobody looks, and while somebody types or answers a question", () => {
  expect(pollRests(poll(), false)).toBe(false);
  expect(pollRests(poll(), true)).toBe(true);
  expect(pollRests(poll("<form data-typing></form>"), false)).toBe(true);
  expect(pollRests(poll("<details class='pop' open></details>"), false)).toBe(true);
  expect(pollRests(document.querySelector("#other") ?? document.body, true)).toBe(false);
});

test("an ended session reloads the page; a refused form is shown; a broken answer is not swapped in", () => {
  expect(judge(200, true, true)).toBe("reload");
  expect(judge(401, false, true)).toBe("reload");
  expect(judge(422, false, false)).toBe("swap");
  expect(judge(200, true, false)).toBe("swap");
  expect(judge(500, false, true)).toBe("trouble");
});
