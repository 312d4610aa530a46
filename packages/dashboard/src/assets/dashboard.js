// What the pages do in a browser that runs scripts. Without it they are complete, and are loaded again by hand.

const main = document.querySelector('#main')
const status = document.querySelector('#live')
const version = document.documentElement.dataset.live
// A stream says something every fifteen seconds. One that is silent for longer was lost, while the machine slept, say.
const longestSilenceInMs = 40_000
const longestWaitInMs = 30_000

const units = [
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
  ['s', 1],
]

/** How long ago, or in how long: `3 min ago`, `in 20 s`. */
function describeDistance(inSeconds) {
  const seconds = Math.abs(inSeconds)
  const first = units.findIndex(([, size]) => seconds >= size)
  if (first === -1) return 'now'
  const [name, size] = units[first]
  const [nextName, nextSize] = units[first + 1] ?? []
  const rest = nextName === undefined ? 0 : Math.floor((seconds % size) / nextSize)
  const words = `${Math.floor(seconds / size)} ${name}${rest === 0 ? '' : ` ${rest} ${nextName}`}`
  return inSeconds < 0 ? `in ${words}` : `${words} ago`
}

/** `08:30:00, 3 min ago`, in UTC, with the date where it is another day. */
function countTimes() {
  const today = new Date().toISOString().slice(0, 10)
  for (const time of document.querySelectorAll('time')) {
    if (!time.title) time.title = time.textContent
    const distance = describeDistance(Math.trunc((Date.now() - Date.parse(time.dateTime)) / 1000))
    const words = `${time.title.replace(' UTC', '').replace(`${today} `, '')}, ${distance}`
    if (time.textContent !== words) time.textContent = words
  }
}

function addCopyButtons() {
  for (const text of document.querySelectorAll('[data-copy]')) {
    if (text.nextElementSibling?.dataset.added) continue
    const button = document.createElement('button')
    button.type = 'button'
    button.dataset.added = 'copy'
    button.textContent = 'Copy'
    button.setAttribute('aria-label', `Copy: ${text.dataset.copy}`)
    button.addEventListener('click', () => {
      navigator.clipboard.writeText(text.textContent).then(
        () => (button.textContent = 'Copied'),
        // A page over plain HTTP has no clipboard: then the text is selected.
        () => getSelection().selectAllChildren(text),
      )
    })
    text.after(button)
  }
}

/** Makes an element like another one, and touches only what differs: focus, selection and what was opened stay. */
function morph(from, to) {
  if (from.dataset.keep !== undefined) return
  if (from.tagName === 'TIME' && from.dateTime === to.dateTime) return
  for (const { name, value } of to.attributes) {
    if (from.getAttribute(name) !== value && name !== 'open') from.setAttribute(name, value)
  }
  for (const name of from.getAttributeNames()) {
    if (name !== 'open' && !to.hasAttribute(name)) from.removeAttribute(name)
  }
  const wanted = [...to.childNodes]
  const known = [...from.childNodes].filter((node) => !node.dataset?.added)
  let place = known[0] ?? null
  for (const node of wanted) {
    const match = findMatch(node, known)
    if (match === undefined) {
      from.insertBefore(node, place)
      continue
    }
    for (const passed of known.splice(0, known.indexOf(match) + 1)) {
      if (passed !== match) passed.remove()
    }
    if (match.nodeType === Node.ELEMENT_NODE) morph(match, node)
    else if (match.data !== node.data) match.data = node.data
    place = known[0] ?? null
  }
  for (const rest of known) rest.remove()
}

// The one with the same id, wherever it is now; or the next one, if it is of the same kind and has no id either.
function findMatch(node, known) {
  if (node.id) return known.find(({ id }) => id === node.id)
  const [next] = known
  return next !== undefined && next.nodeName === node.nodeName && !next.id ? next : undefined
}

function say(words, state) {
  status.textContent = words
  status.dataset.state = state
}

/** Keeps the page right while it is looked at. */
function follow() {
  const view = location.pathname.slice(location.pathname.lastIndexOf('/') + 1) + location.search
  let source
  let silence
  let waitInMs = 1000
  let retry

  function heard() {
    clearTimeout(silence)
    silence = setTimeout(reconnect, longestSilenceInMs)
    waitInMs = 1000
  }

  function show({ data }) {
    heard()
    const made = JSON.parse(data)
    // The process was restarted with another release: its scripts and styles are others.
    if (made.version !== version) return location.reload()
    document.title = `${made.title} · taskhook`
    const parsed = new DOMParser().parseFromString(`<main>${made.main}</main>`, 'text/html')
    morphMain(parsed.querySelector('main'))
    say('Live', 'live')
  }

  function connect() {
    stop()
    source = new EventSource(`live?view=${encodeURIComponent(view)}`)
    source.addEventListener('page', show)
    source.addEventListener('beat', heard)
    source.addEventListener('away', () => {
      heard()
      say('The outbox does not answer. This is as it was before.', 'away')
    })
    source.addEventListener('error', () => {
      say('Not connected. This is as it was before.', 'away')
      // A browser connects again by itself, but not after an answer that was no stream.
      if (source.readyState === EventSource.CLOSED) reconnect()
    })
  }

  function reconnect() {
    stop()
    retry = setTimeout(connect, waitInMs)
    waitInMs = Math.min(longestWaitInMs, waitInMs * 2)
  }

  function stop() {
    source?.close()
    clearTimeout(silence)
    clearTimeout(retry)
  }

  function look() {
    if (document.visibilityState === 'visible') return connect()
    // Nothing is read for a page that is not looked at.
    stop()
    say('Paused', 'paused')
  }

  document.addEventListener('visibilitychange', look)
  window.addEventListener('pageshow', (event) => event.persisted && look())
  window.addEventListener('pagehide', stop)
  look()
}

function morphMain(made) {
  const copy = main.cloneNode(false)
  copy.append(...made.childNodes)
  morph(main, copy)
  enhance()
}

function enhance() {
  countTimes()
  addCopyButtons()
}

enhance()
setInterval(countTimes, 1000)
if (version !== undefined) follow()
// A page that says that the outbox is away tries again.
else if (document.querySelector('noscript')?.textContent.includes('refresh'))
  setTimeout(() => location.reload(), 5000)
