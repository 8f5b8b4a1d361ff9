import { afterEach, beforeEach, expect, test, vi } from "vitest";
import "./drop-file";
import "./live-region";

class Request extends EventTarget {
  static last: Request;
  upload = new EventTarget();
  status = 0;
  responseText = "";
  body: FormData | null = null;
  constructor() {
    super();
    Request.last = this;
  }
  open(): void {}
  setRequestHeader(): void {}
  send(body: FormData): void {
    this.body = body;
  }
  abort(): void {
    this.dispatchEvent(new Event("abort"));
  }
  answer(status: number, text: string): void {
    [this.status, this.responseText] = [status, text];
    this.dispatchEvent(new Event("load"));
  }
}

const PAGE = `<form><input type="hidden" name="csrfmiddlewaretoken" value="c"><input type="hidden" name="held"><input type="hidden" name="held_name">
  <drop-file to="/runs/new/" data-working="on its way" data-stopped="stopped" data-failed="failed" data-taken="here">
  <p data-picked hidden><b data-name></b><span data-size></span></p><p data-way hidden><progress></progress><span data-percent></span><button type="button" data-stop>Stop</button></p>
  <p data-trouble hidden><span data-words></span></p><input type="file" name="file" required></drop-file></form>`;

function choose(): HTMLInputElement {
  const input = document.querySelector("input[type=file]") as HTMLInputElement;
  Object.defineProperty(input, "files", { value: [new File(["x".repeat(10)], "orders.csv")], configurable: true });
  input.dispatchEvent(new Event("change", { bubbles: true }));
  return input;
}
const shown = (selector: string): boolean => !document.querySelector<HTMLElement>(selector)?.hidden;

beforeEach(() => {
  vi.stubGlobal("XMLHttpRequest", Request);
  document.body.innerHTML = PAGE;
});
afterEach(() => vi.unstubAllGlobals());

test("a chosen file is on its way at once, the form waits for it, and it is held", () => {
  const input = choose();
  expect([Request.last.body?.get("do"), Request.last.body?.get("csrfmiddlewaretoken")]).toEqual(["hold", "c"]);
  expect([shown("[data-way]"), input.validationMessage]).toEqual([true, "on its way"]);
  const progress = Object.assign(new Event("progress"), { loaded: 5, total: 10 });
  Request.last.upload.dispatchEvent(progress);
  expect(document.querySelector("[data-percent]")?.textContent).toBe("50 %");
  Request.last.answer(201, '{"mark": "abc", "name": "orders.csv", "size": "10 B"}');
  expect(document.querySelector<HTMLInputElement>("[name=held]")?.value).toBe("abc");
  expect([shown("[data-picked]"), shown("[data-way]"), input.validationMessage, input.required]).toEqual([true, false, "", false]);
});

test("it can be stopped, and the form is free again", () => {
  const input = choose();
  document.querySelector<HTMLElement>("[data-stop]")?.click();
  expect([shown("[data-way]"), input.validity.customError]).toEqual([false, false]);
  expect(document.querySelector("[data-words]")?.textContent).toBe("stopped");
});

test.each([
  [422, '{"said": "There is no file."}', "There is no file."],
  [500, "<html>", "failed"],
  [401, "", "failed"],
])("an answer of %i says what is wrong", (status, text, words) => {
  choose();
  Request.last.answer(status, text);
  expect([shown("[data-trouble]"), document.querySelector("[data-words]")?.textContent]).toEqual([true, words]);
});

test("the answer for a file that was replaced meanwhile is not taken", () => {
  choose();
  const first = Request.last;
  choose();
  first.answer(201, '{"mark": "old"}');
  Request.last.answer(201, '{"mark": "new", "name": "orders.csv"}');
  expect(document.querySelector<HTMLInputElement>("[name=held]")?.value).toBe("new");
});
