const MARKS = { well: '✓', watch: '!', bad: '✕' }
const ICON_COLOURS = { well: '1c746a', watch: 'e5a13a', bad: 'b3261e', lost: '8a938f' }

/** The top of the page. */
class Summary {
  constructor () {
    this.details = new List(find('details'), () => {
      const element = make('p')
      return { element, update: sentence => setText(element, sentence) }
    })
    this.facts = new List(find('facts'), fact)
  }

  update (state, history, now) {
    const { sentences, level } = summaryOf(state, now)
    const { name } = state.current
    this.headline(name)
    this.details.update(sentences, sentence => sentence)
    setClass(find('summary'), level)
    setText(find('mark'), MARKS[level])
    this.facts.update(factsOf(state, history, now), ([term]) => term)
    this.tab(level, name)
  }

  headline (name) {
    if (this.name === name) return
    this.name = name
    find('headline').replaceChildren('Mining through ', make('span', 'name', name), '.')
  }

  /** Seen from another tab, the title and the icon tell enough. */
  tab (level, name) {
    const title = `${level === 'well' ? '' : `${MARKS[level]} `}${name} · multiDaemon`
    if (document.title !== title) document.title = title
    const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7" fill="#${ICON_COLOURS[level]}"/></svg>`
    setAttribute(find('icon'), 'href', `data:image/svg+xml,${encodeURIComponent(icon)}`)
  }
}

/** A term, and from then on its value and what else there is to say. */
function fact ([term]) {
  const [value, note] = [make('span'), make('small')]
  const update = ([, newValue, newNote]) => {
    setText(value, newValue)
    setText(note, newNote ? ` ${newNote}` : '')
  }
  return { element: make('div', '', make('dt', '', term), make('dd', '', value, note)), update }
}

/** Each is a term, a value and what else there is to say. */
function factsOf (state, history, now) {
  const { mode, healthy, daemons, minHealthy, votes, quorum, head, headAge } = state
  const last = history.switches[history.switches.length - 1]
  const since = last ? last.at : history.start
  const facts = [
    ['Mode', mode, mode === 'multi' ? null : 'as without this addon'],
    ['Healthy', `${healthy} of ${daemons.length}`, minHealthy === undefined ? null : `${minHealthy} needed`]
  ]
  if (votes) facts.push(['Quorum', quorum ? 'yes' : 'no', `${votes.branch} of ${count(votes.all, 'vote')}`])
  facts.push(['In use since', clock(since, now), spell(now - since)])
  if (head) facts.push(['Head', String(head.height), headAge === null || headAge === undefined ? null : `${spell(headAge + now - state.now)} old`])
  return facts
}
