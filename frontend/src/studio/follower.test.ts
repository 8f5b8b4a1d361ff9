import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Follower } from "./follower";

const GOOD = { sizes: [[595, 842]], pictures: {}, faults: [], pages: 1 };

describe("follower", () => {
  let answer: (value: unknown) => void;
  const asks = {
    url: "/page/",
    trouble: "",
    body: (more: object) => more,
    inSight: (missing: boolean) => (missing ? [] : [1]),
    width: () => 800,
    faulty: () => true,
    made: vi.fn(),
    mapped: vi.fn(),
    drawing: vi.fn(),
    away: vi.fn(),
  };

  beforeEach(() => {
    vi.useFakeTimers();
    for (const one of [asks.made, asks.drawing, asks.away]) one.mockReset();
    vi.stubGlobal("fetch", () => new Promise((done) => (answer = (value) => done(new Response(JSON.stringify(value))))));
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it("says that the page is drawn when it takes longer than one notices, and only then", async () => {
    const host = document.createElement("div");
    const follower = new Follower(host, asks);
    const slow = follower.look();
    await vi.advanceTimersByTimeAsync(150);
    expect(asks.drawing).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(100);
    expect(asks.drawing).toHaveBeenCalledOnce();
    answer(GOOD);
    await slow;
    expect(asks.made).toHaveBeenCalledOnce();
    const quick = follower.look();
    await vi.advanceTimersByTimeAsync(50);
    answer(GOOD);
    await quick;
    await vi.advanceTimersByTimeAsync(400);
    expect(asks.drawing).toHaveBeenCalledOnce();
    follower.stop();
  });

  it("asks once more for what was typed meanwhile, with one request on its way", async () => {
    const follower = new Follower(document.createElement("div"), asks);
    const first = follower.look();
    void follower.look();
    void follower.look();
    await vi.advanceTimersByTimeAsync(0);
    answer(GOOD);
    await first;
    await vi.advanceTimersByTimeAsync(0);
    answer(GOOD);
    await vi.advanceTimersByTimeAsync(0);
    expect(asks.made).toHaveBeenCalledTimes(2);
    follower.stop();
  });
});
