// Uncovers one picture while a key or the pointer is held, and covers it when that
// ends in whatever way. Nothing is asked for before it is held; the picture is in
// this page's memory only, and let go of when it is covered.
"use strict";

for (const place of document.querySelectorAll("[data-media]")) {
  const one = (name) => place.querySelector("[data-" + name + "]");
  const shown = one("shown"), picture = shown.querySelector("img"), say = one("say"), warned = one("warned");
  const buttons = [...place.querySelectorAll("[data-hold]")];
  let mark = place.dataset.mark;
  let held = null; // the button that is held
  let asking = false; // an answer is on its way
  let wanted = null; // the button that is held while another answer is on its way
  let look = null; // what is uncovered
  let covering = Promise.resolve(); // until the server knows that the last one is covered
  let timer = 0;
  const budget = { limit: 0, used: 0, left: 0, break: 0, next: 0 };
  const began = () => Math.floor(performance.now() / 1000);
  let since = began();

  one("ready").hidden = false;
  one("unready").hidden = true;

  function words(seconds) {
    const s = Math.max(0, Math.ceil(seconds)), h = Math.floor(s / 3600), m = Math.floor(s / 60) % 60;
    const two = (n) => String(n).padStart(2, "0");
    return h > 0 ? h + " h " + two(m) + " min" : m + " min " + two(s % 60) + " s";
  }

  function set(from) {
    for (const key of Object.keys(budget)) budget[key] = Number(from[key]);
    since = began();
    tell();
  }

  // tell counts down between two answers of the server, whose count alone is what matters.
  function tell() {
    const gone = began() - since;
    const rest = Math.max(0, budget.break - gone), next = budget.next > 0 ? Math.max(0, budget.next - gone) : 0;
    const left = Math.max(0, budget.left - (look ? (performance.now() - look.at) / 1000 : 0));
    one("left-words").textContent = words(left);
    const meter = place.querySelector("meter");
    meter.value = budget.limit - left;
    one("break-words").textContent = rest > 0 ? "A break is due: " + words(rest) + " of it are left." :
      next > 0 ? "The next break is due in " + words(next) + "." : "A break of ten minutes is due after every hour.";
    for (const b of buttons) b.disabled = b !== held && (!warned.checked || rest > 0 || left < 1);
  }

  async function send(path, form, fields, last) {
    const answer = await fetch(path, {
      method: "POST", headers: { "Suraag-Form": form }, body: new URLSearchParams(fields), redirect: "error", cache: "no-store", keepalive: last,
    });
    return { ok: answer.ok, said: await answer.json() };
  }

  async function begin(button) {
    if (asking) wanted = button;
    if (held || asking || button.disabled) return;
    held = button;
    const item = button.closest("[data-item]");
    const fields = { item: item.dataset.item, warned: warned.checked ? "yes" : "", colour: one("colour").checked ? "yes" : "", still: item.querySelector("[data-still]")?.value ?? "1", reason: item.querySelector("[data-why]")?.value ?? "" };
    asking = true;
    say.textContent = "One moment; keep holding.";
    try {
      await covering;
      if (held !== button) return;
      const { ok, said } = await send(place.dataset.uncover, mark, fields, false);
      mark = said.form ?? mark;
      if (said.budget) set(said.budget);
      if (!ok) throw new Error(said.error + (said.hint ? ": " + said.hint : ""));
      look = { id: said.look, cover: said.cover, at: performance.now() };
      if (held !== button) {
        cover(false);
        return;
      }
      picture.src = said.picture;
      shown.hidden = false;
      say.textContent = "Uncovered.";
      timer = setTimeout(() => end("Its time was over; it is covered."), said.seconds * 1000);
    } catch (problem) {
      held = null;
      say.textContent = problem.message;
    } finally {
      asking = false;
      tell();
      const next = wanted;
      wanted = null;
      if (next) begin(next);
    }
  }

  // cover lets go of the picture, and then tells the server.
  function cover(last) {
    const was = look;
    look = null;
    clearTimeout(timer);
    shown.hidden = true;
    picture.removeAttribute("src");
    if (was) covering = said(was, last);
  }

  async function said(was, last) {
    try {
      const { ok, said } = await send(place.dataset.cover, was.cover, { look: was.id }, last);
      if (ok) set(said.budget);
    } catch { /* it counts to the end of its time */ }
  }

  function end(why, last) {
    wanted = null;
    if (!held && !look) return;
    held = null;
    const uncovered = look !== null;
    cover(last === true);
    say.textContent = uncovered ? why ?? "Covered." : "";
    tell();
  }

  for (const b of buttons) {
    b.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || !event.isPrimary) return;
      b.setPointerCapture(event.pointerId);
      b.focus();
      begin(b);
    });
    for (const over of ["pointerup", "pointercancel", "lostpointercapture"]) b.addEventListener(over, () => end());
    b.addEventListener("keydown", (event) => {
      if (event.key !== " " && event.key !== "Enter") return;
      event.preventDefault();
      if (!event.repeat) begin(b);
    });
    b.addEventListener("keyup", (event) => {
      if (event.key !== " " && event.key !== "Enter") return;
      event.preventDefault();
      end();
    });
    b.addEventListener("blur", () => end());
    b.addEventListener("contextmenu", (event) => event.preventDefault());
  }
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") end(); }, true);
  document.addEventListener("visibilitychange", () => { if (document.hidden) end(undefined, true); });
  addEventListener("blur", () => end());
  addEventListener("pagehide", () => end(undefined, true));
  addEventListener("beforeprint", () => end());
  shown.addEventListener("contextmenu", (event) => event.preventDefault());
  warned.addEventListener("change", tell);
  set(place.dataset);
  setInterval(tell, 1000);
}
