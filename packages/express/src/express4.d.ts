// Express 4 is installed under this name for the tests; its types are close enough to those of Express 5.
declare module 'express4' {
  import express from 'express'
  export = express
}
