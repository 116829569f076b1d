// What every request of ours needs: the token against forged ones, and where the shell's files lie.
const base = new URL("../", import.meta.url)

export const asset = (name) => new URL(name, base).pathname + new URL(name, base).hash

export function token() {
  const headers = document.body.getAttribute("hx-headers")
  return headers ? JSON.parse(headers)["X-CSRFToken"] : ""
}

// POST a form's values; resolves to the Response, rejects when nobody answers.
export function post(url, values = {}, options = {}) {
  const body = values instanceof FormData ? values : new URLSearchParams(values)
  return fetch(url, {
    method: "POST",
    body,
    credentials: "same-origin",
    headers: { "X-CSRFToken": token(), "X-Requested-With": "fetch" },
    ...options,
  })
}
