import { onScopeDispose, readonly, ref, type Ref } from 'vue';

/** The time, anew each second while this part of the page is shown. */
export function useClock(): Readonly<Ref<number>> {
  const now = ref(Date.now());
  const timer = setInterval(() => (now.value = Date.now()), 1000);
  onScopeDispose(() => clearInterval(timer));
  return readonly(now);
}
