"use strict";
for (const figure of document.querySelectorAll("[data-turn]")) {
  const frames = figure.querySelector(".frames");
  const views = [...frames.querySelectorAll("img")];
  const slider = figure.querySelector("input");
  const words = figure.querySelector("output");
  let now = 0;
  const show = (n) => {
    views[now].classList.remove("now");
    now = ((n % views.length) + views.length) % views.length;
    views[now].classList.add("now");
    slider.value = String(now);
    slider.setAttribute("aria-valuetext", views[now].dataset.where);
    words.textContent = views[now].dataset.where;
  };
  frames.classList.add("live");
  figure.querySelector(".control").hidden = false;
  show(0);
  slider.addEventListener("input", () => show(Number(slider.value)));
  frames.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
    if (step) { show(now + step); event.preventDefault(); }
  });
  let from = null;
  frames.addEventListener("pointerdown", (event) => {
    from = { x: event.clientX, n: now };
    frames.setPointerCapture(event.pointerId);
  });
  frames.addEventListener("pointermove", (event) => {
    if (from) show(from.n + Math.round((event.clientX - from.x) / 11));
  });
  for (const end of ["pointerup", "pointercancel"]) frames.addEventListener(end, () => { from = null; });
}
