/** What proves to the service that a request comes from its own page; "" where there is none. */
export const readToken = () => /(?:^|; )csrftoken=([^;]*)/.exec(document.cookie)?.[1] || "";
