import { defineStore } from 'pinia';
import { ref } from 'vue';
import { AppError, type ErrorParams } from '../../contract/errors.ts';
import type { NoticeAction } from '../ui/notice.ts';
import { connection } from './core.ts';
import { messageOf } from './messages.ts';

export interface Notice {
  /** Stable code: tests and support match on it. */
  readonly code: string;
  readonly params: ErrorParams;
  /** Key of its sentence below `messages`, where it is not that of the code. */
  readonly sentence?: string;
  /** Told by core; shown where the catalogue has no sentence of its own. */
  readonly message?: string;
  readonly safe?: string;
  readonly action?: string;
  /** Beside those the table of messages gives for the code. */
  readonly actions: readonly NoticeAction[];
  readonly tone: 'bad' | 'warn' | 'info';
}

/** What the user must know, in the one bar under the header; one notice per code. */
export const useNotices = defineStore('notices', () => {
  const shown = ref<Notice[]>([]);

  function show(notice: Partial<Notice> & Pick<Notice, 'code'>): void {
    const whole: Notice = { params: {}, actions: [], tone: messageOf(notice.code).tone, ...notice };
    shown.value = [...shown.value.filter(({ code }) => code !== whole.code), whole];
  }

  /** @param context what the buttons of the message need to know beside what core tells */
  function fail(thrown: unknown, actions: readonly NoticeAction[] = [], context: ErrorParams = {}): AppError {
    const error = AppError.from(thrown);
    // What the user cancelled needs no words, and that there is no connection is told once.
    if (error.code === 'call.cancelled') return error;
    if (error.code === 'process.died' && connection.value !== 'connected') return error;
    const { code, message, safe, action, params } = error.toShape();
    show({ code, message, safe, action, params: { ...params, ...context }, actions });
    return error;
  }

  /** Does something; what goes wrong is shown, and gives undefined. */
  async function tell<T>(
    work: () => Promise<T>,
    actions: readonly NoticeAction[] = [],
    context: ErrorParams = {},
  ): Promise<T | undefined> {
    try {
      return await work();
    } catch (thrown) {
      fail(thrown, actions, context);
      return undefined;
    }
  }

  function dismiss(code: string): void {
    shown.value = shown.value.filter((notice) => notice.code !== code);
  }

  return { shown, show, fail, tell, dismiss };
});
