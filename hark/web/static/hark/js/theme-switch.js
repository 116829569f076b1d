// Light, dark or as the device, at once; the server keeps the choice for the user's other devices.
import { post } from "./request.js"
import { fail } from "./toast.js"

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("[data-theme-form]")
  if (!form || !event.submitter) return
  event.preventDefault()
  const chosen = event.submitter.value
  const root = document.documentElement
  if (chosen === "system") delete root.dataset.theme
  else root.dataset.theme = chosen
  for (const button of form.querySelectorAll("button")) button.setAttribute("aria-pressed", String(button.value === chosen))
  try { localStorage.setItem("hark.theme", chosen) } catch { /* the server remembers */ }
  try {
    const answer = await post(form.action, { theme: chosen })
    if (!answer.ok) fail("failed")
  } catch { fail("unreachable") }
})
