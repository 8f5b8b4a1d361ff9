/**
 * Passkeys (WebAuthn, Level 2). `<pass-key does="sign-in|add|use">` around a form with a hidden field `credential`
 * and a button: asks the browser, writes its answer as JSON into the field and hands the form in.
 *
 * The server's wishes stand in a JSON block inside the element; for `sign-in` they are fetched from the form's address
 * when the button is pressed, so that a page left open overnight still works. Bytes travel as base64url.
 */

type Json = { [key: string]: unknown };

/** What the server wishes: `navigator.credentials` wants bytes where JSON has texts. */
export function bytes(text: string): Uint8Array<ArrayBuffer> {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  const out = new Uint8Array(plain.length);
  for (let i = 0; i < plain.length; i += 1) out[i] = plain.charCodeAt(i);
  return out;
}

export function text(buffer: ArrayBuffer): string {
  const plain = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join("");
  return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

function known(list: unknown): PublicKeyCredentialDescriptor[] {
  return ((list ?? []) as Json[]).map((one) => ({
    ...(one as unknown as PublicKeyCredentialDescriptor),
    id: bytes(one["id"] as string),
  }));
}

/** Wishes for a new key. `alone`: it is to sign in without a password, so it must know its owner and itself. */
export function creation(wishes: Json, alone: boolean): PublicKeyCredentialCreationOptions {
  const user = wishes["user"] as Json;
  return {
    ...(wishes as unknown as PublicKeyCredentialCreationOptions),
    challenge: bytes(wishes["challenge"] as string),
    user: { ...(user as unknown as PublicKeyCredentialUserEntity), id: bytes(user["id"] as string) },
    excludeCredentials: known(wishes["excludeCredentials"]),
    authenticatorSelection: {
      ...(wishes["authenticatorSelection"] as AuthenticatorSelectionCriteria | undefined),
      residentKey: alone ? "required" : "discouraged",
      requireResidentKey: alone,
      ...(alone ? { userVerification: "required" as const } : {}),
    },
  };
}

/** Wishes for the use of a key. */
export function request(wishes: Json): PublicKeyCredentialRequestOptions {
  return {
    ...(wishes as unknown as PublicKeyCredentialRequestOptions),
    challenge: bytes(wishes["challenge"] as string),
    allowCredentials: known(wishes["allowCredentials"]),
  };
}

/** The browser's answer as the server reads it. */
export function told(credential: PublicKeyCredential): Json {
  const answer = credential.response;
  const response: Json = { clientDataJSON: text(answer.clientDataJSON) };
  if ("attestationObject" in answer) {
    const made = answer as AuthenticatorAttestationResponse;
    response["attestationObject"] = text(made.attestationObject);
    response["transports"] = made.getTransports?.() ?? [];
  } else {
    const used = answer as AuthenticatorAssertionResponse;
    response["authenticatorData"] = text(used.authenticatorData);
    response["signature"] = text(used.signature);
    response["userHandle"] = used.userHandle ? text(used.userHandle) : null;
  }
  return {
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
    response,
  };
}

/** Whether a passkey can work on this page: the standard wants a secure context and a domain, not a number. */
export function fit(): boolean {
  const host = location.hostname;
  const number = /^[\d.]+$/.test(host) || host.startsWith("[");
  return "credentials" in navigator && typeof PublicKeyCredential !== "undefined" && !number;
}

export class PassKey extends HTMLElement {
  connectedCallback(): void {
    if (!fit()) return this.refuse();
    this.hidden = false;
    this.addEventListener("click", this.clicked);
    this.addEventListener("submit", this.ask);
  }

  disconnectedCallback(): void {
    this.removeEventListener("click", this.clicked);
    this.removeEventListener("submit", this.ask);
  }

  /** A way to sign in that does not work here is not offered; on the page that adds a key the reason is told. */
  private refuse(): void {
    if (this.getAttribute("does") !== "add") return;
    this.hidden = false;
    this.form?.setAttribute("hidden", "");
    this.complain(this.dataset["unfit"] ?? "");
  }

  private clicked = (event: Event): void => {
    if ((event.target as Element | null)?.closest("button")) void this.ask(event);
  };

  private get form(): HTMLFormElement | null {
    return this.querySelector("form");
  }

  private get button(): HTMLButtonElement | null {
    return this.querySelector("button");
  }

  /** Enter in a field asks too: without the browser's answer there is nothing to hand in. */
  private ask = async (event: Event): Promise<void> => {
    event.preventDefault();
    const { form, button } = this;
    const field = form?.querySelector<HTMLInputElement>("input[name=credential]");
    if (!form || !button || !field || button.disabled) return;
    button.disabled = true;
    this.complain("");
    try {
      const credential = this.getAttribute("does") === "add" ? await this.make(form) : await this.use(form);
      if (!credential) throw new Error("the browser gave no passkey");
      field.value = JSON.stringify(told(credential as PublicKeyCredential));
      form.submit();
    } catch (error) {
      if (!(error instanceof DOMException)) console.error(error); // a DOMException is the person's No
      this.complain(this.dataset["failed"] ?? "");
      button.disabled = false;
    }
  };

  private async make(form: HTMLFormElement): Promise<Credential | null> {
    const alone = form.querySelector<HTMLInputElement>("input[name=passwordless]")?.checked ?? false;
    const wishes = (this.wishes()["creation_options"] as Json)["publicKey"] as Json;
    return navigator.credentials.create({ publicKey: creation(wishes, alone) });
  }

  private async use(form: HTMLFormElement): Promise<Credential | null> {
    const all = this.getAttribute("does") === "sign-in" ? await this.fetched(form) : this.wishes();
    const wishes = (all["request_options"] as Json)["publicKey"] as Json;
    return navigator.credentials.get({ publicKey: request(wishes) });
  }

  private wishes(): Json {
    return JSON.parse(this.querySelector("script[type='application/json']")?.textContent ?? "{}") as Json;
  }

  private async fetched(form: HTMLFormElement): Promise<Json> {
    const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(`the server answers ${answer.status}`);
    return (await answer.json()) as Json;
  }

  private complain(what: string): void {
    const place = this.querySelector<HTMLElement>("form + [role=alert]");
    if (!place) return;
    place.textContent = what;
    place.hidden = !what;
  }
}

customElements.define("pass-key", PassKey);
