// What a swap must not cost: a half-written text, the caret in it, a ticked box, the focus, and where a pane was scrolled to.
// Fields are found again by their id. A form's own answer is let through: then the server knows best.
const kept = new WeakMap()

function fieldsIn(root) {
  return [...root.querySelectorAll("textarea[id], input[id]:not([type=hidden], [type=file], [type=checkbox], [type=radio])")]
}

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const { target, requestConfig } = detail
  if (!target || !detail.shouldSwap) return
  const asked = requestConfig?.elt?.closest("form")
  const fields = fieldsIn(target.closest("[hx-swap-oob]") ?? target)
    .filter((field) => !asked || !asked.contains(field))
    .filter((field) => field.value !== field.defaultValue || field === document.activeElement)
    .map((field) => ({
      id: field.id,
      value: field.value,
      focused: field === document.activeElement,
      caret: field.selectionStart === null ? null : [field.selectionStart, field.selectionEnd, field.selectionDirection],
      top: field.scrollTop,
    }))
  const boxes = [...target.querySelectorAll("input[type=checkbox][id]")]
    .filter((box) => !asked || !asked.contains(box))
    .map((box) => ({ id: box.id, checked: box.checked })) // ticked while the answer was on its way
  const panes = [...target.querySelectorAll("[data-keep][id], .pane__scroll[id]")]
    .map((pane) => ({ id: pane.id, top: pane.scrollTop }))
  const focus = document.activeElement?.id && target.contains(document.activeElement) ? document.activeElement.id : ""
  kept.set(detail.xhr, { fields, boxes, panes, focus })
})

document.addEventListener("htmx:afterSwap", ({ detail }) => {
  const before = kept.get(detail.xhr)
  if (!before) return
  for (const was of before.fields) {
    const field = document.getElementById(was.id)
    if (!field || !("value" in field)) continue
    if (field.value !== was.value) field.value = was.value
    if (was.focused && document.activeElement !== field) field.focus({ preventScroll: true })
    if (was.focused && was.caret) field.setSelectionRange(...was.caret)
    field.scrollTop = was.top
  }
  for (const was of before.boxes) {
    const box = document.getElementById(was.id)
    if (box) box.checked = was.checked
  }
  for (const was of before.panes) {
    const pane = document.getElementById(was.id)
    if (pane) pane.scrollTop = was.top
  }
  if (before.focus && document.activeElement === document.body) {
    document.getElementById(before.focus)?.focus({ preventScroll: true })
  }
})
