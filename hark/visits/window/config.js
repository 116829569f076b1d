/* What the page was told. */
export const config = JSON.parse(document.getElementById("chat-config").textContent)
export const { words } = config
export const wait = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000))
