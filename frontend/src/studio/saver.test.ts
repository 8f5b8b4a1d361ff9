import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Saver, type Saved, type Standing } from "./saver";

describe("nothing typed is lost", () => {
  const told: Standing[] = [];
  const tell = (standing: Standing): void => void told.push(standing);
  beforeEach(() => {
    vi.useFakeTimers();
    localStorage.clear();
    told.length = 0;
  });
  afterEach(() => vi.useRealTimers());

  test("is saved a moment after the last key, with the revision it was typed over", async () => {
    const send = vi.fn(async (): Promise<Saved> => ({ revision: 5 }));
    const saver = new Saver("k", 4, send, tell);
    saver.changed("main.typ", "a");
    saver.changed("main.typ", "ab");
    expect(saver.left()).toEqual({ revision: 4, files: { "main.typ": "ab" } });
    await vi.advanceTimersByTimeAsync(1600);
    expect(send).toHaveBeenCalledExactlyOnceWith({ "main.typ": "ab" }, 4);
    expect(saver.revision).toBe(5);
    expect(saver.left()).toBeNull();
    expect(told.at(-1)).toBe("saved");
  });

  test("stays in the browser while there is no connection, and goes when it is back", async () => {
    let away = true;
    const send = vi.fn(async (): Promise<Saved> => {
      if (away) throw new TypeError("no network");
      return { revision: 1 };
    });
    const saver = new Saver("k", 0, send, tell);
    saver.changed("main.typ", "a");
    await vi.advanceTimersByTimeAsync(1600);
    expect(told.at(-1)).toBe("offline");
    expect(saver.left()?.files["main.typ"]).toBe("a");
    away = false;
    await vi.advanceTimersByTimeAsync(5100);
    expect(told.at(-1)).toBe("saved");
  });

  test("what is typed while a save is under way goes with the next one", async () => {
    let finish: (saved: Saved) => void = () => undefined;
    const send = vi.fn(() => new Promise<Saved>((done) => (finish = done)));
    const saver = new Saver("k", 0, send, tell);
    saver.changed("main.typ", "a");
    await vi.advanceTimersByTimeAsync(1600);
    saver.changed("main.typ", "ab");
    finish({ revision: 1 });
    await vi.advanceTimersByTimeAsync(1600);
    expect(send).toHaveBeenLastCalledWith({ "main.typ": "ab" }, 1);
  });

  test("a conflict is told and keeps what was typed", async () => {
    const saver = new Saver("k", 0, async () => ({ revision: 0, conflict: "/there/" }), tell);
    saver.changed("main.typ", "a");
    await vi.advanceTimersByTimeAsync(1600);
    expect(told.at(-1)).toBe("conflict");
    expect(saver.dirty.get("main.typ")).toBe("a");
  });
});
