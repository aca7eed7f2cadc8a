/** A large number in groups of three digits. */
function grouped (number) {
  return number.toLocaleString('en')
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
  if (hold) sentences.push(`${isIsolated(current) ? 'It may be cut off from the network' : 'The daemons disagree'}: do not trust orphan marks now.`)
  if (pin) sentences.push(`The operator has pinned the pool until ${clock(pin.until, now)}.`)
  const bad = known && (hold || !current || current.state !== 'healthy')
  const watch = mode === 'single' || !quorum || Boolean(pin) || others.length > 0
  return { current, sentences: sentences.filter(Boolean), level: bad ? 'bad' : watch ? 'watch' : 'well' }
}

/** Daemons that agree with it may be cut off together with it. */
function isIsolated (daemon) {
  return Boolean(daemon && daemon.reason && daemon.reason.code === 'isolated')
}

function aboutCurrent (current, { daemons, healthy, votes }) {
  if (!current) return null
  if (current.state !== 'healthy') return `It ${current.trouble}.`
  if (healthy < daemons.length) return current.primary ? 'It is the primary, and healthy.' : null
  const agree = votes && votes.branch === votes.all && votes.all === daemons.length ? ' and agree' : ''
  return `${current.primary ? 'It is the primary. ' : ''}All ${count(daemons.length, 'daemon')} are healthy${agree}.`
}

function aboutPrimary (current, [primary]) {
  if (!primary || primary === current) return null
  return primary.state === 'healthy' ? 'The primary is healthy as well; the pool stays where it is.' : `The primary ${primary.trouble}.`
}

function aboutOthers (others) {
  const rest = others.filter(({ primary }) => !primary)
  if (rest.length > 2) return [`${rest.length} other daemons have problems.`]
  return rest.map(daemon => `${daemon.name} ${daemon.trouble}.`)
}
