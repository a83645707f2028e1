import { TriangleAlert } from 'lucide-react'
import { Component, type ErrorInfo, type ReactNode } from 'react'
import { useTranslations } from 'use-intl'
import { Button, EmptyState } from '../ui/index.ts'

/** Keeps a failure inside one view; the rest of the page goes on. */
export class Crash extends Component<{ children: ReactNode }, { error: Error | null }> {
  override state = { error: null as Error | null }

  static getDerivedStateFromError(error: unknown) {
    return { error: error instanceof Error ? error : new Error(String(error)) }
  }

  override componentDidCatch(error: Error, info: ErrorInfo) {
    console.error(error, info.componentStack)
  }

  override render() {
    const { error } = this.state
    return error ? <Report error={error} onAgain={() => this.setState({ error: null })} /> : this.props.children
  }
}

function Report({ error, onAgain }: { error: Error; onAgain: () => void }) {
  const t = useTranslations('shell')
  return (
    <EmptyState icon={TriangleAlert} title={t('crash.title')}>
      <p className="text-soft">{t('crash.text', { message: error.message })}</p>
      <Button onClick={onAgain}>{t('crash.again')}</Button>
    </EmptyState>
  )
}
