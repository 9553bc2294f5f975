/** Any class, whatever is injected into its constructor. */
export type Constructor<T extends object = object> = new (...injected: never[]) => T;
export type AbstractConstructor<T extends object> = abstract new (...injected: never[]) => T;
