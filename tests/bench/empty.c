/* What starting any program costs on this machine; startup_bench compares with it. */
int main(void) { return 0; }
