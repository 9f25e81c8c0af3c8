<?php
// A CalDAV and CardDAV server (sabre/dav with SQLite) for tests: php -S 127.0.0.1:PORT sabre.php, in a folder of its own.
// Its only user is alex, with the password "secret" by Digest.
error_reporting(E_ALL & ~E_DEPRECATED);
ini_set('display_errors', '0');
date_default_timezone_set('UTC');
require_once 'Sabre/autoload.php';

$new = !file_exists('dav.sqlite');
$pdo = new PDO('sqlite:dav.sqlite');
$pdo->setAttribute(PDO::ATTR_ERRMODE, PDO::ERRMODE_EXCEPTION);
$pdo->exec('PRAGMA synchronous = OFF');
if ($new) {
    $pdo->exec('CREATE TABLE calendarobjects (id integer primary key asc, calendardata blob, uri text,
        calendarid integer, lastmodified integer, etag text, size integer, componenttype text,
        firstoccurence integer, lastoccurence integer, uid text)');
    $pdo->exec('CREATE TABLE calendars (id integer primary key asc, principaluri text, displayname text, uri text,
        synctoken integer, ctag integer, description text, calendarorder integer, calendarcolor text, timezone text,
        components text, transparent bool)');
    $pdo->exec('CREATE TABLE calendarchanges (id integer primary key asc, uri text, synctoken integer,
        calendarid integer, operation integer)');
    $pdo->exec('CREATE TABLE addressbooks (id integer primary key asc, principaluri text, displayname text, uri text,
        description text, ctag integer)');
    $pdo->exec('CREATE TABLE cards (id integer primary key asc, addressbookid integer, carddata blob, uri text,
        lastmodified integer)');
    $pdo->exec('CREATE TABLE principals (id integer primary key asc, uri text, email text, displayname text,
        vcardurl text, UNIQUE(uri))');
    $pdo->exec('CREATE TABLE groupmembers (id integer primary key asc, principal_id integer, member_id integer)');
    $pdo->exec('CREATE TABLE users (id integer primary key asc, username text, digesta1 text, UNIQUE(username))');
    $pdo->exec("INSERT INTO principals (uri, email, displayname) VALUES ('principals/alex', 'alex@example.com', 'Alex')");
    $pdo->exec("INSERT INTO users (username, digesta1) VALUES ('alex', '" . md5('alex:SabreDAV:secret') . "')");
}

$principals = new Sabre\DAVACL\PrincipalBackend\PDO($pdo);
$calendars = new Sabre\CalDAV\Backend\PDO($pdo);
$books = new Sabre\CardDAV\Backend\PDO($pdo);
$server = new Sabre\DAV\Server([
    new Sabre\CalDAV\Principal\Collection($principals),
    new Sabre\CalDAV\CalendarRootNode($principals, $calendars),
    new Sabre\CardDAV\AddressBookRoot($principals, $books),
]);
$server->setBaseUri('/');
$server->addPlugin(new Sabre\DAV\Auth\Plugin(new Sabre\DAV\Auth\Backend\PDO($pdo), 'SabreDAV'));
$server->addPlugin(new Sabre\DAVACL\Plugin());
$server->addPlugin(new Sabre\CalDAV\Plugin());
$server->addPlugin(new Sabre\CardDAV\Plugin());
$server->exec();
