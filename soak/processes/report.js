'use strict'

/** What the world has to know of a process after each act, besides what is special to it. */
function reportOf ({ observers, turns, troubles, calls }) {
  const found = [troubles.list, ...calls ? [calls.troubles] : [], ...observers.map(observer => observer.troubles)]
  const seen = observers.map(observer => observer.take())
  return {
    rested: true,
    givens: seen.flatMap(({ givens }) => givens),
    asked: seen.reduce((sum, { asked }) => sum + asked, 0),
    stalls: turns.take(),
    troubles: found.flatMap(list => list.splice(0))
  }
}

module.exports = { reportOf }
