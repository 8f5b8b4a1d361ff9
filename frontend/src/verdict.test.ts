import { expect, test } from "vitest";
import { isInUse, judge, pollRests } from "./verdict";

function poll(inside = "", marks = "data-moving"): Element {
  document.body.innerHTML = `<div data-poll="runs" ${marks}>${inside}</div><div id="other"></div>`;
  return document.querySelector("[data-poll]") ?? document.body;
}

test("a poll rests while nobody looks, and while somebody types or answers a question", () => {
  expect(pollRests(poll(), false)).toBe(false);
  expect(pollRests(poll(), true)).toBe(true);
  expect(pollRests(poll("<form data-typing></form>"), false)).toBe(true);
  expect(pollRests(poll('<details class="pop" open></details>'), false)).toBe(true);
  expect(pollRests(poll('<details class="pop"></details>'), false)).toBe(false);
});

test("an answer on its way does not renew a part in which somebody has opened a form", () => {
  const part = poll('<table data-typing></table>');
  expect(isInUse(part)).toBe(true);
  expect(pollRests(part, false)).toBe(true);
  expect(isInUse(part.firstElementChild as Element)).toBe(false);
  expect(isInUse(poll("<form></form>"))).toBe(false);
});

test("what does not move is asked for only when a notice says so", () => {
  expect(pollRests(poll("", ""), false)).toBe(true);
  expect(pollRests(poll("", "data-due"), false, true)).toBe(false);
  expect(pollRests(poll("", "data-due"), true, true)).toBe(true);
});

test("with live counts nothing is polled, but what moves is looked at once a minute", () => {
  expect(pollRests(poll(), false, true, 10_000)).toBe(true);
  expect(pollRests(poll(), false, true, 61_000)).toBe(false);
  expect(pollRests(poll("", ""), false, true, 61_000)).toBe(true);
});

test("other requests never rest", () => {
  poll();
  expect(pollRests(document.querySelector("#other") ?? document.body, true)).toBe(false);
});

test("an ended session reloads the page; a refused form is shown; a broken answer is not swapped in", () => {
  expect(judge(200, true, true)).toBe("reload");
  expect(judge(401, false, true)).toBe("reload");
  expect(judge(422, false, false)).toBe("swap");
  expect(judge(200, true, false)).toBe("swap");
  expect(judge(500, false, true)).toBe("trouble");
});
