import { expect, test } from "vitest";
import { showShort } from "./short";

test("each short text stands in its place with what it costs, and goes when it cannot be written", () => {
  const studio = document.createElement("div");
  studio.innerHTML = `<pre data-short="sms"></pre><p data-short-said="sms"></p><pre data-short="push"></pre>`;
  showShort(studio, { sms: { text: "Due <b>now</b>", said: "1 part" }, push: { text: "Due", said: "" } });
  expect([...studio.children].map((one) => one.textContent)).toEqual(["Due <b>now</b>", "1 part", "Due"]);
  showShort(studio, {});
  expect(studio.textContent).toBe("");
});
