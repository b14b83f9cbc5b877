// What `import Glibc` does not show of Linux.
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <sys/resource.h>
#include <execinfo.h>
#include <netinet/tcp.h>

// Declared by the headers only under _GNU_SOURCE, which the Glibc module is not built with.
int accept4(int socket, struct sockaddr *address, socklen_t *length, int flags);
int daemon(int keep_directory, int keep_output);
void *memmem(const void *text, size_t length, const void *part, size_t partLength);
