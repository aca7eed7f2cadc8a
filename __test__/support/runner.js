'use strict'

// Tests are written for node:test. Where a Node does not have it, the same files run one test after the other.

const LONGEST = 60000

module.exports = nodeTest() || plain()

function nodeTest () {
  let test
  try {
    test = require('node:test')
  } catch (error) {
    return null
  }
  return (sentence, body) => test(sentence, { timeout: LONGEST }, () => body())
}

function plain () {
  const tests = []
  process.nextTick(() => runAll(tests))
  return (sentence, body) => { tests.push({ sentence, body }) }
}

async function runAll (tests) {
  for (const { sentence, body } of tests) {
    try {
      await within(LONGEST, body())
      console.log(`ok - ${sentence}`)
    } catch (error) {
      console.log(`not ok - ${sentence}\n${error.stack}`)
      process.exitCode = 1
    }
  }
}

function within (milliseconds, promise) {
  let timer
  const late = new Promise((resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`did not end within ${milliseconds} ms`)), milliseconds)
  })
  return Promise.race([promise, late]).then(value => {
    clearTimeout(timer)
    return value
  })
}
