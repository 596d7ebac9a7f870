// The one page script that something needs: a browser gives a passkey to a script
// only (Web Authentication Level 3, §5). Everything else works without it.
"use strict";

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

async function ask(path, mark, body) {
  const answer = await fetch(path, {
    method: "POST", headers: { "Content-Type": "application/json", "Suraag-Form": mark }, body: JSON.stringify(body), redirect: "error",
  });
  const said = await answer.json();
  if (!answer.ok) throw new Error(said.error + (said.hint ? ": " + said.hint : ""));
  return said;
}

function described(list) {
  return (list ?? []).map((c) => ({ ...c, id: bytes(c.id) }));
}

async function use(options) {
  const c = await navigator.credentials.get({ publicKey: { ...options, challenge: bytes(options.challenge), allowCredentials: described(options.allowCredentials) } });
  const r = c.response;
  return {
    id: c.id, rawId: text(c.rawId), type: c.type, clientExtensionResults: c.getClientExtensionResults(),
    response: { clientDataJSON: text(r.clientDataJSON), authenticatorData: text(r.authenticatorData), signature: text(r.signature), userHandle: r.userHandle ? text(r.userHandle) : "" },
  };
}

async function make(options) {
  const c = await navigator.credentials.create({
    publicKey: { ...options, challenge: bytes(options.challenge), user: { ...options.user, id: bytes(options.user.id) }, excludeCredentials: described(options.excludeCredentials) },
  });
  const r = c.response;
  return {
    id: c.id, rawId: text(c.rawId), type: c.type, clientExtensionResults: c.getClientExtensionResults(),
    response: { clientDataJSON: text(r.clientDataJSON), attestationObject: text(r.attestationObject), transports: r.getTransports ? r.getTransports() : [] },
  };
}

const ways = {
  signin: { path: "/signin/passkey", does: use },
  welcome: { path: "/welcome/passkey", does: make },
  another: { path: "/account/passkey", does: make },
};

for (const place of document.querySelectorAll("[data-passkey]")) {
  if (!window.PublicKeyCredential || !navigator.credentials) continue;
  const way = ways[place.dataset.passkey];
  const say = place.querySelector("[data-say]");
  const button = place.querySelector("[data-go]");
  place.querySelector("[data-ready]").hidden = false;
  place.querySelector("[data-unready]").hidden = true;
  let mark = place.dataset.mark;
  button.addEventListener("click", async () => {
    button.disabled = true;
    say.hidden = true;
    try {
      const about = { invitation: place.dataset.key ?? "", to: place.dataset.to ?? "" };
      const begun = await ask(way.path + "/begin", mark, about);
      mark = begun.form;
      const answer = await way.does(begun.options);
      const done = await ask(way.path + "/finish", mark, { ...about, key: begun.key, answer, label: "passkey" });
      location.assign(done.to);
    } catch (problem) {
      say.textContent = problem.name === "NotAllowedError" ? "The passkey did not answer, or you stopped it. Try again." : problem.message;
      say.hidden = false;
      button.disabled = false;
    }
  });
}
