import { StreamLanguage, type StreamParser } from "@codemirror/language";

interface Seen {
  comment: number;
}

/** Typst as far as reading needs it: comments, texts, helpers after `#`, numbers with units, headings. */
const typst: StreamParser<Seen> = {
  name: "typst",
  startState: () => ({ comment: 0 }),
  token(stream, state) {
    if (state.comment || stream.match("/*")) {
      if (!state.comment) state.comment = 1;
      while (!stream.eol()) {
        if (stream.match("*/")) {
          state.comment -= 1;
          if (!state.comment) break;
        } else if (stream.match("/*")) state.comment += 1;
        else stream.next();
      }
      return "comment";
    }
    if (stream.match(/^https?:\/\/\S+/)) return "link";
    if (stream.match("//")) {
      stream.skipToEnd();
      return "comment";
    }
    if (stream.match(/^"(?:\\.|[^"\\])*"?/)) return "string";
    if (stream.match(/^#?(?:let|set|show|if|else|for|in|import|include|return|while|context)\b/)) return "keyword";
    if (stream.match(/^#?(?:slot|word|flag|count|band|code|asset|brand|brand-lines|decimals|content-block)(?=\()/)) return "tagName";
    if (stream.match(/^#?[a-z_][\w-]*(?=[([])/)) return "variableName";
    if (stream.match(/^(?:true|false|none|auto)\b/)) return "atom";
    if (stream.match(/^-?\d+(?:\.\d+)?(?:mm|cm|pt|em|fr|deg|%)?/)) return "number";
    stream.next();
    stream.match(/^[\w-]+/);
    return null;
  },
};

const json: StreamParser<null> = {
  name: "json",
  token(stream) {
    if (stream.match(/^"(?:\\.|[^"\\])*"(?=\s*:)/)) return "propertyName";
    if (stream.match(/^"(?:\\.|[^"\\])*"?/)) return "string";
    if (stream.match(/^(?:true|false|null)\b/)) return "atom";
    if (stream.match(/^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/)) return "number";
    stream.next();
    return null;
  },
};

const yaml: StreamParser<null> = {
  name: "yaml",
  token(stream) {
    if (stream.match(/^#.*/)) return "comment";
    if (stream.match(/^[\w-]+(?=\s*:)/)) return "propertyName";
    if (stream.match(/^"(?:\\.|[^"\\])*"?|^'[^']*'?/)) return "string";
    stream.next();
    return null;
  },
};

const html: StreamParser<null> = {
  name: "html",
  token(stream) {
    if (stream.match(/^\{\{.*?\}\}/)) return "tagName";
    if (stream.match(/^\{%.*?%\}/)) return "keyword";
    if (stream.match(/^<!--.*?-->/)) return "comment";
    if (stream.match(/^<\/?[\w-]+/) || stream.match(/^\/?>/)) return "variableName";
    if (stream.match(/^"[^"]*"/)) return "string";
    stream.next();
    return null;
  },
};

/** The language of a file by its name. */
export function modeOf(name: string): StreamLanguage<Seen> | StreamLanguage<null> {
  if (name.endsWith(".typ")) return StreamLanguage.define(typst);
  if (name.endsWith(".json")) return StreamLanguage.define(json);
  if (/\.ya?ml$/.test(name)) return StreamLanguage.define(yaml);
  return StreamLanguage.define(html);
}
