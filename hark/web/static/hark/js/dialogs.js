// <dialog> elements, opened by data-opens="id" and closed by data-closes, by Escape, or by a press beside them.
export function open(dialog) {
  if (dialog.open) return
  document.querySelectorAll(":popover-open").forEach((popover) => popover.hidePopover())
  dialog.showModal()
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]")
  if (opener) {
    const dialog = document.getElementById(opener.dataset.opens)
    if (dialog) open(dialog)
  }
  if (event.target.closest("[data-closes]")) event.target.closest("dialog")?.close()
  if (event.target.matches("dialog") && event.target.open && outside(event)) event.target.close()
})

function outside(event) {
  if (!event.detail) return false // a key, not a pointer
  const box = event.target.getBoundingClientRect()
  return event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom
}
