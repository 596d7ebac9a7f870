// Conveniences only: every page works without this file. It loads nothing but
// the progress of this machine's own record.
"use strict";

// Shortcuts are single keys without Ctrl, Alt or Meta, so that none takes a key
// of the browser's; they rest while someone types, and can be turned off
// (WCAG 2.1, 2.1.4).
const keys = {
  on: () => {
    try { return localStorage.getItem("keys") !== "off"; } catch { return true; }
  },
  set: (on) => {
    try { localStorage.setItem("keys", on ? "on" : "off"); } catch { /* not kept then */ }
    keys.show();
  },
  show: () => {
    document.documentElement.dataset.keys = keys.on() ? "on" : "off";
    const button = document.getElementById("keys");
    if (!button) return;
    button.closest(".keys").hidden = false;
    button.textContent = "Keyboard shortcuts: " + (keys.on() ? "on" : "off");
    button.setAttribute("aria-pressed", String(keys.on()));
  },
};

function typing(element) {
  return element.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName);
}

function goTo(section) {
  const target = document.querySelector(section.getAttribute("href"));
  const heading = target && target.querySelector("h2");
  if (!heading) return;
  heading.tabIndex = -1;
  target.scrollIntoView();
  heading.focus({ preventScroll: true });
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || !keys.on()) return;
  if (typing(event.target)) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  if (event.key === "/") {
    const box = document.getElementById("q");
    if (!box) return;
    event.preventDefault();
    box.focus();
    box.select();
    return;
  }
  const section = /^[0-9]$/.test(event.key) && document.querySelector(`[data-contents] a[aria-keyshortcuts="${event.key}"]`);
  if (section) {
    event.preventDefault();
    goTo(section);
  }
});

document.getElementById("keys")?.addEventListener("click", () => keys.set(!keys.on()));
keys.show();

// The list of contents shows which part is being read.
const links = document.querySelectorAll("[data-contents] a");
if (links.length > 0) {
  const inView = new Map();
  const watch = new IntersectionObserver((entries) => {
    for (const e of entries) inView.set(e.target.id, e.isIntersecting);
    let current = null;
    for (const l of links) {
      l.removeAttribute("aria-current");
      if (!current && inView.get(l.hash.slice(1))) current = l;
    }
    current?.setAttribute("aria-current", "true");
  }, { rootMargin: "-10% 0px -60% 0px" });
  for (const l of links) {
    const part = document.querySelector(l.hash);
    if (part) watch.observe(part);
  }
}

// A file dropped anywhere on a form that takes files goes into its box. A
// picture is sent at once; documents wait for their authority.
function chosen(form, input) {
  const say = form.querySelector("[data-chosen]");
  if (!say) return;
  const names = [...input.files].map((f) => f.name);
  const shown = names.slice(0, 5).join(", ");
  say.textContent = names.length === 0 ? "" : names.length + (names.length === 1 ? " file: " : " files: ") + shown + (names.length > 5 ? " and " + (names.length - 5) + " more" : "");
}

for (const form of document.querySelectorAll("form[data-drop]")) {
  const input = form.querySelector('input[type="file"]');
  const over = (on) => (event) => {
    if (![...event.dataTransfer.types].includes("Files")) return;
    event.preventDefault();
    form.classList.toggle("over", on);
  };
  form.addEventListener("dragenter", over(true));
  form.addEventListener("dragover", over(true));
  form.addEventListener("dragleave", over(false));
  form.addEventListener("drop", (event) => {
    if (event.dataTransfer.files.length === 0) return;
    event.preventDefault();
    form.classList.remove("over");
    const files = new DataTransfer();
    for (const f of event.dataTransfer.files) {
      files.items.add(f);
      if (!input.multiple) break;
    }
    input.files = files.files;
    chosen(form, input);
    if ("send" in form.dataset) form.requestSubmit();
  });
  input.addEventListener("change", () => chosen(form, input));
  form.addEventListener("submit", () => form.classList.add("sending"));
}

// A file that misses the box must not replace the page.
for (const name of ["dragover", "drop"]) {
  document.addEventListener(name, (event) => {
    if ([...(event.dataTransfer?.types ?? [])].includes("Files")) event.preventDefault();
  });
}

// Progress comes as it happens.
for (const place of document.querySelectorAll("[data-progress]")) {
  const stream = new EventSource(place.dataset.progress);
  const wait = (n, one, many) => n.toLocaleString("en") + " " + (n === 1 ? one : many);
  let worked = false;
  stream.addEventListener("totals", (event) => {
    const t = JSON.parse(event.data);
    if (t.waiting === 0 && t.weighing === 0) return;
    worked = true;
    place.textContent = wait(t.waiting, "original waits", "originals wait") + " to be read, " + wait(t.weighing, "content", "contents") +
      " to be weighed. " + wait(t.sightings, "sighting", "sightings") + " so far.";
  });
  stream.addEventListener("done", () => {
    stream.close();
    if ("reload" in place.dataset) setTimeout(() => location.reload(), 1000);
    else if (worked) place.textContent = "Everything that was handed in has been read. Load the page again to see it.";
  });
  stream.addEventListener("fault", (event) => {
    stream.close();
    place.textContent = JSON.parse(event.data).error;
  });
  addEventListener("pagehide", () => stream.close());
}
