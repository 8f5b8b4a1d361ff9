import { beforeEach, expect, test } from "vitest";
import "./page-zoom";

beforeEach(() => {
  sessionStorage.clear();
  const element = document.createElement("page-zoom");
  element.innerHTML =
    '<span class="zoom" hidden><button data-zoom="-1"></button><b data-zoom-word></b><button data-zoom="1"></button></span><div class="pages"></div>';
  document.body.replaceChildren(element);
});

const width = (): string =>
  document.querySelector<HTMLElement>(".pages")?.style.getPropertyValue("--page-width") ?? "";

test("it shows its buttons and sets the width of the pages", () => {
  expect(document.querySelector<HTMLElement>(".zoom")?.hidden).toBe(false);
  expect(width()).toBe("46rem");
  document.querySelector<HTMLElement>('[data-zoom="1"]')?.click();
  expect(width()).toBe("56rem");
  expect(document.querySelector("[data-zoom-word]")?.textContent).toBe("122 %");
});

test("it stops at the smallest size", () => {
  for (let i = 0; i < 9; i += 1) document.querySelector<HTMLElement>('[data-zoom="-1"]')?.click();
  expect(width()).toBe("24rem");
});
