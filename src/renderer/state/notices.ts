import { defineStore } from 'pinia';
import { ref } from 'vue';
import { AppError, type ErrorParams } from '../../contract/errors.ts';
import type { NoticeAction } from '../ui/notice.ts';

export interface Notice {
  /** Stable code: tests and support match on it. */
  readonly code: string;
  readonly params: ErrorParams;
  /** Told by core; shown where the catalogue has no sentence of its own. */
  readonly message?: string;
  readonly safe?: string;
  readonly action?: string;
  readonly actions: readonly NoticeAction[];
  readonly tone: 'bad' | 'warn' | 'info';
}

/** What the user must know, in the one bar under the header; one notice per code. */
export const useNotices = defineStore('notices', () => {
  const shown = ref<Notice[]>([]);

  function show(notice: Partial<Notice> & Pick<Notice, 'code'>): void {
    const whole: Notice = { params: {}, actions: [], tone: 'warn', ...notice };
    shown.value = [...shown.value.filter(({ code }) => code !== whole.code), whole];
  }

  function fail(thrown: unknown, actions: readonly NoticeAction[] = []): AppError {
    const error = AppError.from(thrown);
    // What the user cancelled needs no words.
    if (error.code !== 'call.cancelled') {
      const { code, message, safe, action, params } = error.toShape();
      show({ code, message, safe, action, params, actions, tone: 'bad' });
    }
    return error;
  }

  /** Does something; what goes wrong is shown, and gives undefined. */
  async function tell<T>(work: () => Promise<T>, actions: readonly NoticeAction[] = []): Promise<T | undefined> {
    try {
      return await work();
    } catch (thrown) {
      fail(thrown, actions);
      return undefined;
    }
  }

  function dismiss(code: string): void {
    shown.value = shown.value.filter((notice) => notice.code !== code);
  }

  return { shown, show, fail, tell, dismiss };
});
