/** The nonce of this page's style policy, for libraries that add style sheets. */
export const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? '';
