// Dangerous buttons ask first: data-confirm="Question?" on a button, link or form, or htmx's own hx-confirm.
import { open } from "./dialogs.js"

const agreed = new WeakSet()

export function ask(question) {
  const dialog = document.getElementById("confirm")
  if (!dialog) return Promise.resolve(window.confirm(question))
  dialog.querySelector("#confirm-text").textContent = question
  open(dialog)
  return new Promise((resolve) => {
    let answer = false
    const pressed = (event) => {
      const button = event.target.closest("button[value]")
      if (!button) return
      answer = button.value === "yes"
      dialog.close()
    }
    dialog.addEventListener("click", pressed)
    dialog.addEventListener("close", () => {
      dialog.removeEventListener("click", pressed)
      resolve(answer)
    }, { once: true })
  })
}

document.addEventListener("click", async (event) => {
  const asked = event.target.closest("[data-confirm]:not(form)")
  if (!asked || agreed.delete(asked)) return
  event.preventDefault()
  event.stopImmediatePropagation()
  if (!await ask(asked.dataset.confirm)) return
  agreed.add(asked)
  asked.click()
}, true)

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("form[data-confirm]")
  if (!form || agreed.delete(form)) return
  event.preventDefault()
  event.stopImmediatePropagation()
  if (!await ask(form.dataset.confirm)) return
  agreed.add(form)
  form.requestSubmit(event.submitter ?? undefined)
}, true)

document.addEventListener("htmx:confirm", async (event) => {
  if (!event.detail.question) return
  event.preventDefault()
  if (await ask(event.detail.question)) event.detail.issueRequest(true)
})
