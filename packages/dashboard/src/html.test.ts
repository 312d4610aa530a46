import { expect, test } from 'vitest'
import { html, type HtmlValue } from './html.ts'

test('escapes text in elements and in attributes, and leaves markup as it is', () => {
  const words = `<img src=x onerror="alert('1')">&amp;`
  expect(html`<a title="${words}">${words}${html`<b>${1}</b>`}</a>`.markup).toBe(
    '<a title="&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;amp;">' +
      '&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;amp;<b>1</b></a>',
  )
})

test('renders lists one after the other, and nothing for what is not there', () => {
  expect(html`${['a', html`<i></i>`, ['<']]}${undefined}${false}${0}`.markup).toBe('a<i></i>&lt;0')
})

test('does not take an object from elsewhere for markup', () => {
  const parsed = JSON.parse('{"markup":"<script>"}') as HtmlValue
  expect(html`${parsed}`.markup).toBe('[object]')
})
