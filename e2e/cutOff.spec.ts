import { farHub } from './farHub.ts'
import { act, done } from './onPage.ts'
import { Reader } from './reader.ts'
import { expect, test } from './rowsTest.ts'
import { addSession } from './test.ts'

test('a change that could cut the way to the hub is undone by itself, unless it is kept in time', async ({
  browser,
  host,
  second,
}) => {
  test.setTimeout(150_000)
  const { product, stop } = await farHub({ at: host, agentIn: second })
  const filter = () => second.run(['sysctl', '-n', 'net.ipv4.conf.ens33.rp_filter'])
  const before = await filter()
  try {
    const page = await (await browser.newContext()).newPage()
    await addSession(page.context(), product, await product.setUp())
    await page.goto(product.url)
    await expect(page.getByTestId('map')).toBeVisible({ timeout: 60_000 })
    await new Reader(page).search('ens33', /^ens33/)
    await act(page, 'ens33', 'Set a switch of this link…')
    const dialog = page.getByRole('dialog', { name: 'Set a switch of this link' })
    const result = dialog.getByRole('region', { name: 'Result' })
    const value = dialog.getByLabel('Value', { exact: true })
    const seconds = dialog.getByLabel('Seconds in which you can keep it')
    await value.selectOption('1')
    await expect(dialog.getByText('It may cut somebody off')).toBeVisible()
    await expect(seconds).toHaveValue('60')
    const key = 'net.ipv4.conf.ens33.rp_filter'
    await dialog.getByLabel(`Type ${key} to confirm`).fill(key)
    await seconds.fill('9')
    await dialog.getByRole('button', { name: 'Run' }).click()
    await expect(seconds).toBeFocused()
    await expect(seconds).toHaveAccessibleDescription('Write a whole number from 10 to 300.')
    expect(await filter(), 'nothing runs yet').toBe(before)

    await seconds.fill('10')
    await dialog.getByRole('button', { name: 'Run' }).click()
    await expect(result.getByText(/^Undone by itself in \d+ s$/)).toBeVisible()
    await expect(page.getByText(/ on \S+ is undone in \d+ s$/)).toBeVisible()
    expect((await filter()).trim()).toBe('1')
    await expect(result.getByText('Undone: everything is as before.').first()).toBeVisible({ timeout: 30_000 })
    await expect(result.getByRole('alert')).toContainText('Nobody kept it in time')
    expect(await filter()).toBe(before)

    await value.selectOption('0')
    await value.selectOption('1')
    await seconds.fill('120')
    await dialog.getByRole('button', { name: 'Run' }).click()
    await result.getByRole('button', { name: /^Keep: / }).click()
    await expect(done(dialog)).toBeVisible({ timeout: 30_000 })
    await expect(page.getByText(/ is undone in \d+ s$/)).toHaveCount(0)
    expect((await filter()).trim()).toBe('1')
    await page.context().close()
  } finally {
    await stop()
    await second.run(['sysctl', '-w', `net.ipv4.conf.ens33.rp_filter=${before.trim()}`])
  }
})
