/** What is the matter with a daemon, as what follows its name in a sentence. */
const TROUBLES = {
  timeout: () => 'does not answer',
  refused: () => 'refuses connections',
  reset: () => 'breaks off its answers',
  dns: () => 'has a host name without an address',
  tls: () => 'has no certificate that is trusted',
  'http-status': () => 'answers with an HTTP error',
  'invalid-reply': () => 'does not answer as a daemon does',
  unsupported: () => 'runs software that cannot be watched',
  damaged: () => 'has a damaged database',
  'wrong-network': () => 'is on another network',
  'no-json-rpc': () => 'has no JSON-RPC, which the pool needs',
  outdated: () => 'runs software that is outdated',
  isolated: () => 'is cut off from the network',
  forked: ({ at }) => at === undefined ? 'is on a fork' : `is on a fork since block ${at}`,
  lagging: ({ by }) => by === undefined ? 'is behind' : `is ${count(by, 'block')} behind`,
  stalled: ({ lasting }) => lasting ? `has had no new block for ${spell(lasting)}` : 'has had no new block',
  syncing: () => 'is still syncing',
  'no-work': () => 'gives no work',
  draining: () => 'is drained',
  unconfirmed: () => 'claims blocks that no other daemon knows'
}

function troubleOf ({ state, reason }) {
  if (!reason) return state === 'healthy' ? 'is healthy' : 'has not been judged yet'
  const tell = TROUBLES[reason.code]
  return tell ? tell(reason) : `is ${state}: ${reason.message}`
}

/** `1 block`, `7 blocks`. */
function count (number, noun, ending = 's') {
  return `${number} ${noun}${number === 1 ? '' : ending}`
}

/** A large number in groups of three digits. */
function grouped (number) {
  return number.toLocaleString('en')
}

/** A duration as people say it, to two units at most. */
function spell (milliseconds) {
  const seconds = Math.max(0, Math.round(milliseconds / 1000))
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  if (hours < 48) return `${hours} h${minutes % 60 ? ` ${minutes % 60} min` : ''}`
  return `${Math.floor(hours / 24)} days`
}

/** The time of day where the reader is, with the day where it is another. */
function clock (time, now, withSeconds) {
  const date = new Date(time)
  const two = number => String(number).padStart(2, '0')
  const parts = [date.getHours(), date.getMinutes()].concat(withSeconds ? date.getSeconds() : [])
  const hours = parts.map(two).join(':')
  const isToday = date.toDateString() === new Date(now).toDateString()
  return isToday ? hours : `${date.toLocaleDateString(undefined, { weekday: 'short' })} ${hours}`
}

/** What there is to know, in order: the headline, sentences for a tired person, and how bad it is: well, watch or bad. */
function summaryOf (state, now) {
  const { daemons, mode, hold, pin, quorum } = state
  const current = daemons.find(({ inUse }) => inUse)
  const others = daemons.filter(({ inUse, state, drained }) => !inUse && state !== 'healthy' && !drained)
  const known = daemons.some(({ state }) => state !== 'unknown')
  const sentences = known ? [aboutCurrent(current, state), aboutPrimary(current, daemons)].concat(aboutOthers(others)) : ['The daemons have not been compared yet.']
  if (known && mode === 'single') sentences.push(`Only ${state.healthy} of ${count(daemons.length, 'daemon')} ${state.healthy === 1 ? 'is' : 'are'} healthy, too few to compare: nothing protects the pool now.`)
  if (hold) sentences.push('The daemons disagree: do not trust orphan marks now.')
  if (pin) sentences.push(`The operator has pinned the pool until ${clock(pin.until, now)}.`)
  const bad = known && (hold || !current || current.state !== 'healthy')
  const watch = mode === 'single' || !quorum || Boolean(pin) || others.length > 0
  return { current, sentences: sentences.filter(Boolean), level: bad ? 'bad' : watch ? 'watch' : 'well' }
}

function aboutCurrent (current, { daemons, healthy, votes }) {
  if (!current) return null
  if (current.state !== 'healthy') return `It ${troubleOf(current)}.`
  if (healthy < daemons.length) return current.primary ? 'It is the primary, and healthy.' : null
  const agree = votes && votes.branch === votes.all && votes.all === daemons.length ? ' and agree' : ''
  return `${current.primary ? 'It is the primary. ' : ''}All ${count(daemons.length, 'daemon')} are healthy${agree}.`
}

function aboutPrimary (current, [primary]) {
  if (!primary || primary === current) return null
  return primary.state === 'healthy' ? 'The primary is healthy as well; the pool stays where it is.' : `The primary ${troubleOf(primary)}.`
}

function aboutOthers (others) {
  const rest = others.filter(({ primary }) => !primary)
  if (rest.length > 2) return [`${rest.length} other daemons have problems.`]
  return rest.map(daemon => `${daemon.name} ${troubleOf(daemon)}.`)
}
