/** Letters that Unicode does not decompose but people leave out; the archive's search folds them alike. */
const LETTERS: Record<string, string> = {
  ß: "ss", ø: "o", đ: "d", ð: "d", ł: "l", æ: "ae", œ: "oe", þ: "th", ı: "i", ħ: "h",
};

/** Text of a page as it is searched. `at[i]` says which character of the original stands behind `text[i]`. */
export interface Folded {
  text: string;
  at: number[];
}

/** Lower case, without accents and soft hyphens, white space as single spaces: "Ångström" and "angstrom" meet. */
export function fold(original: string): Folded {
  let text = "";
  const at: number[] = [];
  let position = 0;
  for (const letter of original) {
    const lowered = letter.toLowerCase();
    const plain = /\s/.test(letter)
      ? text === "" || text.endsWith(" ") ? "" : " "
      : (LETTERS[lowered] ?? lowered.normalize("NFKD").replace(/[\p{M}\u00ad]/gu, ""));
    for (let i = 0; i < plain.length; i += 1) at.push(position);
    text += plain;
    position += letter.length;
  }
  return { text, at };
}
