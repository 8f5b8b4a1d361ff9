/** Where the caret stands, as steps from the root: nodes are made anew by undo, their places stay. */
type Place = number[];
interface Moment {
  nodes: Node[];
  from: Place | null;
  to: Place | null;
}

const MOST = 200;
const PAUSE = 700;

/**
 * Undo and redo of an editable area. The browser's own would forget whatever a script put in (fields, lists, pasted
 * text), so each state is kept as it was; what is typed without a pause is one step.
 */
export class History {
  private past: Moment[] = [];
  private future: Moment[] = [];
  private last = { kind: "", at: 0 };

  constructor(private readonly area: HTMLElement) {}

  /** Before a change of this kind. Equal kinds without a pause between them are one change. */
  before(kind: string, now = performance.now()): void {
    const goes = kind !== "act" && kind === this.last.kind && now - this.last.at < PAUSE;
    this.last = { kind, at: now };
    if (goes) return;
    this.past.push(this.moment());
    if (this.past.length > MOST) this.past.shift();
    this.future = [];
  }

  get canUndo(): boolean {
    return this.past.length > 0;
  }

  get canRedo(): boolean {
    return this.future.length > 0;
  }

  undo(): boolean {
    return this.go(this.past, this.future);
  }

  redo(): boolean {
    return this.go(this.future, this.past);
  }

  clear(): void {
    this.past = [];
    this.future = [];
    this.last = { kind: "", at: 0 };
  }

  private go(from: Moment[], to: Moment[]): boolean {
    const moment = from.pop();
    if (!moment) return false;
    to.push(this.moment());
    this.last = { kind: "", at: 0 };
    this.area.replaceChildren(...moment.nodes);
    const start = moment.from && nodeAt(this.area, moment.from);
    const end = moment.to && nodeAt(this.area, moment.to);
    if (start && end) getSelection()?.setBaseAndExtent(...start, ...end);
    return true;
  }

  private moment(): Moment {
    const chosen = getSelection();
    const inside = chosen?.anchorNode && this.area.contains(chosen.anchorNode) && this.area.contains(chosen.focusNode);
    return {
      nodes: [...this.area.childNodes].map((node) => node.cloneNode(true)),
      from: inside ? placeOf(this.area, chosen.anchorNode as Node, chosen.anchorOffset) : null,
      to: inside ? placeOf(this.area, chosen.focusNode as Node, chosen.focusOffset) : null,
    };
  }
}

function placeOf(root: Node, node: Node, offset: number): Place {
  const steps = [offset];
  for (let here: Node = node; here !== root && here.parentNode; here = here.parentNode) {
    steps.unshift([...here.parentNode.childNodes].indexOf(here as ChildNode));
  }
  return steps;
}

function nodeAt(root: Node, place: Place): [Node, number] | null {
  let here = root;
  for (const step of place.slice(0, -1)) {
    const next = here.childNodes[step];
    if (!next) return [here, here.childNodes.length];
    here = next;
  }
  const most = here.nodeType === Node.TEXT_NODE ? (here.textContent ?? "").length : here.childNodes.length;
  return [here, Math.min(place.at(-1) ?? 0, most)];
}
