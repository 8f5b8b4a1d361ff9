/**
 * Sets the chosen theme before the first paint. Loaded by a plain, blocking script tag in the head
 * (the content security policy allows no inline script), so it imports and exports nothing.
 */
{
  const choice = ((): string | null => {
    try {
      return localStorage.getItem("postroom-theme");
    } catch {
      return null; // storage may be blocked; the system's preference then decides
    }
  })();
  if (choice === "day" || choice === "night") document.documentElement.dataset["theme"] = `postroom-${choice}`;
}
