// The keyboard. `data-key` names the key of whatever it stands on; j and k walk the rows of a list.
// Single keys are silent while somebody types, and may be switched off for this device (WCAG 2.1.4).
import { open } from "./dialogs.js"

const OFF = "hark.keys"
const WRITES = "input:not([type=checkbox], [type=radio], [type=button], [type=submit]), textarea, select, [contenteditable=true]"

let allowed = true
try { allowed = localStorage.getItem(OFF) !== "off" } catch { /* then they work */ }

const shown = (element) => element.checkVisibility({ visibilityProperty: true })
const writing = (target) => target instanceof Element && target.closest(WRITES)

function nameOf(event) {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key.replace("Escape", "esc").toLowerCase()
  return event.ctrlKey || event.metaKey ? `mod+${key}` : key
}

export function press(name) {
  const layer = document.querySelector("dialog[open]") ?? document
  const target = [...layer.querySelectorAll("[data-key]")].find((element) => element.dataset.key === name && shown(element))
    ?? [...layer.querySelectorAll("[data-far]")].find((element) => element.dataset.far === name) // in a menu that is shut
  if (!target) return false
  if (target.matches(WRITES)) { target.focus(); target.select?.() } else target.click()
  return true
}

function walk(step) {
  const rows = [...document.querySelectorAll(".queue-row, [data-row]")].filter(shown)
  if (!rows.length) return false
  const at = rows.indexOf(document.activeElement?.closest(".queue-row, [data-row]"))
  const from = at >= 0 ? at : rows.findIndex((row) => row.getAttribute("aria-current") === "true")
  const to = from < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, from + step))
  rows[to].focus()
  rows[to].scrollIntoView({ block: "nearest" })
  return true
}

function sendComposer(target) {
  const form = target instanceof Element && target.closest("care-composer, .composer")?.closest("form")
    || target instanceof Element && target.closest("care-composer")?.querySelector("form")
  const button = form && (form.querySelector("[data-send]") ?? form.querySelector(".composer__tools [type=submit]"))
  if (button && button.getAttribute("aria-disabled") !== "true") button.click()
  return Boolean(button)
}

function leaveField(target) {
  if (!writing(target) || target.closest("dialog")) return false
  target.blur()
  return true
}

function handle(event) {
  const name = nameOf(event)
  if (name === "mod+enter") return sendComposer(event.target)
  if (name === "mod+k") {
    const palette = document.getElementById("palette")
    if (palette) open(palette)
    return Boolean(palette)
  }
  if (event.ctrlKey || event.metaKey) return press(name)
  if (name === "esc") return leaveField(event.target)
  if (!allowed || event.altKey || writing(event.target) || document.querySelector("dialog[open]")) return false
  if (name === "j" || name === "k") return walk(name === "j" ? 1 : -1)
  if (name === "?") {
    const help = document.getElementById("keys-dialog")
    if (help) open(help)
    return Boolean(help)
  }
  return name.length === 1 && press(name)
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing) return
  if (handle(event)) event.preventDefault()
})

function showSwitches() {
  document.querySelectorAll("[data-keys-switch]").forEach((box) => { box.checked = allowed })
}

document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-keys-switch]")) return
  allowed = event.target.checked
  try { localStorage.setItem(OFF, allowed ? "on" : "off") } catch { /* for this page only, then */ }
  showSwitches()
})
showSwitches()
