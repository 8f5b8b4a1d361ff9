import { afterEach, beforeEach, expect, test, vi } from "vitest";
import "./elements/live-region";
import { count, Live, renew, wasRenewed } from "./live";

class FakeSource extends EventTarget {
  static readonly OPEN = 1;
  static all: FakeSource[] = [];
  readyState = 0;
  closed = false;

  constructor(readonly url: string) {
    super();
    FakeSource.all.push(this);
  }

  close(): void {
    this.closed = true;
    this.readyState = 2;
  }

  opens(): void {
    this.readyState = FakeSource.OPEN;
    this.dispatchEvent(new Event("open"));
  }

  says(name: string, data = ""): void {
    this.dispatchEvent(new MessageEvent(name, { data }));
  }
}

let hidden = false;
let lives: Live[] = [];
let over = new AbortController();
const asked = vi.fn();

function begin(): Live {
  const live = new Live("/events/pass/");
  lives.push(live);
  live.start(over.signal);
  return live;
}

const settled = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);
const last = (): FakeSource => FakeSource.all.at(-1) as FakeSource;

function look(away: boolean): void {
  hidden = away;
  document.dispatchEvent(new Event("visibilitychange"));
}

beforeEach(() => {
  vi.useFakeTimers();
  hidden = false;
  lives = [];
  over = new AbortController();
  FakeSource.all = [];
  vi.spyOn(document, "hidden", "get").mockImplementation(() => hidden);
  vi.stubGlobal("EventSource", FakeSource);
  vi.stubGlobal(
    "fetch",
    asked.mockReset().mockImplementation(async () => Response.json({ address: "http://desk:8766/events/stream", pass: "a:b" })),
  );
  document.body.innerHTML = `<live-region></live-region>
    <span data-count="runs" hidden>0</span>
    <span data-count="set_aside" data-grew="Records set aside: {count}">2</span>
    <div id="run" data-poll="run:R-2026-0001" data-moving></div>
    <div id="home" data-poll="runs deliveries"></div>`;
});

afterEach(() => {
  for (const live of lives) live.rest();
  over.abort();
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const text = (name: string): string => document.querySelector(`[data-count="${name}"]`)?.textContent ?? "";
const said = (): string => document.querySelector("live-region")?.textContent ?? "";

test("counts change in place, and only what waits for a person is said, when it grows", () => {
  count({ runs: 3, set_aside: 2, outbox: 9 });
  expect(text("runs")).toBe("3");
  expect(document.querySelector<HTMLElement>('[data-count="runs"]')?.hidden).toBe(false);
  expect(said()).toBe("");
  count({ set_aside: 5 });
  expect(said()).toBe("Records set aside: 5");
  count({ runs: 0, set_aside: 1 });
  expect(document.querySelector<HTMLElement>('[data-count="runs"]')?.hidden).toBe(true);
  expect(said()).toBe("Records set aside: 5");
});

test("the part a change is about is asked for once, soon, and the others are not", async () => {
  const run = vi.fn();
  const home = vi.fn();
  document.querySelector("#run")?.addEventListener("live", run);
  document.querySelector("#home")?.addEventListener("live", home);
  renew(["run:R-2026-0001"]);
  renew(["run:R-2026-0001"]);
  await vi.advanceTimersByTimeAsync(500);
  expect(run).toHaveBeenCalledTimes(1);
  expect(home).not.toHaveBeenCalled();
});

test("a part that was just asked for waits its turn, and is asked for again then", async () => {
  const run = vi.fn();
  const part = document.querySelector("#run") as Element;
  part.addEventListener("live", run);
  wasRenewed(part);
  renew(["run:R-2026-0001"]);
  await vi.advanceTimersByTimeAsync(1000);
  expect(run).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1000);
  expect(run).toHaveBeenCalledTimes(1);
});

test("a pass opens the stream, and what it tells is shown", async () => {
  const live = begin();
  await settled();
  expect(last().url).toBe("http://desk:8766/events/stream?pass=a%3Ab");
  expect(live.open).toBe(false);
  last().opens();
  expect(live.open).toBe(true);
  last().says("told", '{"counts":{"runs":1},"changed":["runs"]}');
  expect(text("runs")).toBe("1");
  expect(document.querySelector("#home")?.hasAttribute("data-due")).toBe(true);
});

test("a stream that ends is opened again with a new pass, later each time", async () => {
  begin();
  await settled();
  for (const end of ["error", "over"]) {
    const before = FakeSource.all.length;
    last().says(end);
    expect(last().closed).toBe(true);
    await vi.advanceTimersByTimeAsync(400);
    expect(FakeSource.all.length).toBe(before);
    await vi.advanceTimersByTimeAsync(3000);
    expect(FakeSource.all.length).toBe(before + 1);
  }
  expect(asked).toHaveBeenCalledTimes(3);
});

test("a stream that is silent for too long is given up; beats keep it", async () => {
  const live = begin();
  await settled();
  last().opens();
  for (let beat = 0; beat < 5; beat += 1) {
    await vi.advanceTimersByTimeAsync(15_000);
    last().says("beat");
  }
  expect(live.open).toBe(true);
  await vi.advanceTimersByTimeAsync(41_000);
  expect(FakeSource.all[0]?.closed).toBe(true);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(FakeSource.all.length).toBe(2);
});

test("a hidden page holds no stream, and opens one when it is looked at again", async () => {
  begin();
  await settled();
  look(true);
  await vi.advanceTimersByTimeAsync(4_000);
  look(false);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(FakeSource.all.length).toBe(1); // only a glance at another tab
  look(true);
  await vi.advanceTimersByTimeAsync(6_000);
  expect(last().closed).toBe(true);
  look(false);
  await settled();
  expect(FakeSource.all.length).toBe(2);
});

test("the back button brings a page back with a new stream", async () => {
  begin();
  await settled();
  window.dispatchEvent(new Event("pagehide"));
  expect(last().closed).toBe(true);
  window.dispatchEvent(Object.assign(new Event("pageshow"), { persisted: true }));
  await settled();
  expect(FakeSource.all.length).toBe(2);
  last().opens();
  expect(document.querySelector("#run")?.hasAttribute("data-due")).toBe(true);
});

test("without an address, or without a person, there is no stream and no trying again", async () => {
  asked.mockImplementation(async () => Response.json({ address: "", pass: "" }));
  begin();
  await vi.advanceTimersByTimeAsync(120_000);
  asked.mockImplementation(async () => new Response("", { status: 401 }));
  begin();
  await vi.advanceTimersByTimeAsync(120_000);
  expect(FakeSource.all.length).toBe(0);
  expect(asked).toHaveBeenCalledTimes(2);
});

test("a desk that does not answer is asked again", async () => {
  asked.mockRejectedValueOnce(new TypeError("offline"));
  begin();
  await vi.advanceTimersByTimeAsync(2_000);
  expect(FakeSource.all.length).toBe(1);
});

test("a count beyond what is counted exactly is told in the server's words", () => {
  document.body.innerHTML = '<span data-count="set_aside" data-most="10.000+">9999</span>';
  const place = document.querySelector("span") as HTMLElement;
  count({ set_aside: 10_001 });
  expect(place.textContent).toBe("10.000+");
  count({ set_aside: 12 });
  expect(place.textContent).toBe("12");
});

test("what is told while an answer is on its way is asked for again, though the answer takes the mark away", async () => {
  document.body.innerHTML = '<div id="run-live" data-poll="run:R-1"></div>';
  const part = document.getElementById("run-live") as HTMLElement;
  const asks = vi.fn();
  part.addEventListener("live", asks);
  renew(["run:R-1"]);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(asks).toHaveBeenCalledTimes(1);
  wasRenewed(part); // the request leaves
  renew(["run:R-1"]); // told while it is on its way
  part.removeAttribute("data-due"); // its answer is morphed in
  await vi.advanceTimersByTimeAsync(2_000);
  expect(asks).toHaveBeenCalledTimes(2);
});
