'use strict'

// A reporter for `node --test`: the tests that took longest.

const SHOWN = 10

module.exports = async function * slowest (events) {
  const tests = []
  for await (const { type, data } of events) {
    const isTest = (type === 'test:pass' || type === 'test:fail') && data.details.type !== 'suite' && data.file
    if (isTest && !data.name.endsWith('.test.js')) tests.push(data)
  }
  tests.sort((one, other) => other.details.duration_ms - one.details.duration_ms)
  yield `\nThe slowest of ${tests.length} tests:\n`
  for (const { name, file, details } of tests.slice(0, SHOWN)) {
    yield `${(details.duration_ms / 1000).toFixed(1).padStart(7)} s  ${file.replace(/^.*__test__\//, '')}: ${name}\n`
  }
}
