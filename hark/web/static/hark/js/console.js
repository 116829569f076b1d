// The console's own: a form on top of the page, asked for by a link; links that put the caret somewhere or fold something open.
import { open } from "./dialogs.js"

const LAYER = "layer"
const FIRST = ["[aria-invalid=true]", "[autofocus]", "input:checked", "input:not([type=hidden])", "textarea", "[type=submit]"]
let opener = ""

document.addEventListener("htmx:beforeRequest", ({ detail }) => {
  if (detail.target?.id === LAYER && !detail.target.open) opener = document.activeElement?.id || detail.elt.id
})

document.addEventListener("htmx:afterSwap", ({ detail }) => {
  const layer = detail.target
  if (layer?.id !== LAYER || !layer.childElementCount) return
  if (detail.xhr?.getResponseHeader("HX-Reswap") === "none") return // the deed is done: this form is just being closed
  open(layer)
  for (const wanted of FIRST) {
    const field = layer.querySelector(wanted)
    if (field) { field.focus(); break }
  }
})

document.addEventListener("hark:done", () => {
  const layer = document.getElementById(LAYER)
  if (layer?.open) layer.close()
  document.querySelectorAll("form:has(> #note-text)").forEach((form) => form.reset())
})

document.getElementById(LAYER)?.addEventListener("close", (event) => {
  event.target.replaceChildren()
  if (opener && document.activeElement === document.body) document.getElementById(opener)?.focus({ preventScroll: true })
})

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-focuses], [data-folds]")
  if (!link) return
  event.preventDefault()
  const { focuses, folds } = link.dataset
  const target = document.getElementById(focuses ?? folds)
  if (!target) return
  if (folds) target.open = !target.open
  const field = folds ? target.open && target.querySelector("select, input:not([type=hidden])") : target
  if (field) field.focus()
})

// On a phone the page scrolls, not the pane: it opens at the newest words too.
const thread = document.querySelector(".pane__scroll--latest")
if (thread && !location.hash && getComputedStyle(thread).overflowY === "visible") {
  thread.querySelector(".case__thread")?.scrollIntoView({ block: "end" })
}
